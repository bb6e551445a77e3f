"""What was ordered at a shop: once per promised price, settled once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store.database import insert
from bridge.store.tables import shop_order

OPEN = "state IN ('open', 'held')"
"""As its partial index says it."""


class State(StrEnum):
    OPEN = "open"
    """Waits for its money."""

    PAID = "paid"
    """Confirmed, and told."""

    HELD = "held"
    """Its money is there, and what it was priced by is not any more: somebody says
    whether it is done all the same, or paid back."""

    CANCELLED = "cancelled"


class Kind(StrEnum):
    NEW = "new"
    CHANGE = "change"
    RENEWAL = "renewal"
    TOPUP = "topup"
    COUPON = "coupon"


@dataclass(frozen=True, slots=True)
class ShopOrder:
    id: str
    source: str
    client: str
    customer: str
    quote: str
    kind: Kind
    state: State
    service: str
    """Which it is for; of a new one, how it will be called."""

    said: Mapping[str, Any]
    """What is told once it is paid, as `bridge/shopping.py` reads it."""

    lines: tuple[Mapping[str, Any], ...]
    """What it is made of, as it was shown."""

    amount: Decimal
    base: Decimal
    """The same at base price: what it costs the reseller whose shop it is."""

    currency: str
    method: str
    payer: Mapping[str, str]
    made_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    because: str | None
    event: str | None
    handed: Mapping[str, str] | None
    """Client, order, service and invoice at the platform that has it in its cart."""

    @property
    def margin(self) -> Decimal:
        """The reseller's; below nought, where he sells it for less."""
        return self.amount - self.base


def one(tx: sa.Connection, id_: str) -> ShopOrder | None:
    row = tx.execute(sa.select(shop_order).where(shop_order.c.id == id_)).first()
    return _order(row) if row else None


def of_quote(tx: sa.Connection, source: str, quote: str) -> ShopOrder | None:
    query = sa.select(shop_order).where(
        shop_order.c.source == source, shop_order.c.quote == quote
    )
    row = tx.execute(query).first()
    return _order(row) if row else None


CHANGES = (Kind.CHANGE, Kind.RENEWAL)
"""What is priced by how a service is: one of them waits at a time."""


def under_way(tx: sa.Connection, service: str) -> ShopOrder | None:
    """The change or renewal of it that waits for its money."""
    c = shop_order.c
    query = sa.select(shop_order).where(
        c.service == service, c.state == State.OPEN, c.kind.in_(CHANGES)
    )
    row = tx.execute(query).first()
    return _order(row) if row else None


def lock(tx: sa.Connection, service: str) -> None:
    """Whoever settles an order of it has the others wait."""
    mine = sa.select(shop_order.c.id).where(shop_order.c.service == service)
    tx.execute(mine.order_by(shop_order.c.id).with_for_update()).all()


def told(tx: sa.Connection, service: str) -> list[ShopOrder]:
    """All of that service whose payment was told, the newest first."""
    c = shop_order.c
    query = sa.select(shop_order).where(c.service == service, c.event.is_not(None))
    rows = tx.execute(query.order_by(c.settled_at.desc(), c.id))
    return [_order(row) for row in rows]


def hand(tx: sa.Connection, id_: str, service: str, handed: Mapping[str, str]) -> None:
    """Its platform has it in its cart, and calls what it sold so."""
    mine = sa.update(shop_order).where(shop_order.c.id == id_)
    tx.execute(mine.values(service=service, handed=dict(handed)))


def handed(tx: sa.Connection, since: datetime, off: datetime) -> list[ShopOrder]:
    """Those in a platform's cart of which nothing more was heard; *off*: with those
    that were called off since then."""
    c = shop_order.c
    called_off = sa.and_(c.state == State.CANCELLED, c.settled_at >= off)
    query = sa.select(shop_order).where(
        sa.or_(c.state == State.OPEN, called_off),
        c.handed.is_not(None), c.made_at >= since,
    )  # fmt: skip
    return [_order(row) for row in tx.execute(query.order_by(c.made_at))]


def given(tx: sa.Connection, client: str, product: str) -> list[ShopOrder]:
    """By which he has that plan for nothing, or had ordered it so."""
    c = shop_order.c
    query = sa.select(shop_order).where(
        c.client == client, c.kind == Kind.NEW, c.amount == Decimal()
    )
    found = (_order(row) for row in tx.execute(query.order_by(c.made_at)))
    free = (one for one in found if not one.said.get("trial"))
    return [one for one in free if one.said["product"] == product]


def open_of(tx: sa.Connection, client: str) -> int:
    """How many of that client's wait for their money."""
    query = sa.select(sa.func.count()).where(
        shop_order.c.client == client, sa.text(OPEN)
    )
    return int(tx.execute(query.select_from(shop_order)).scalar_one())


def of_client(
    tx: sa.Connection, client: str, most: int, before: datetime | None = None
) -> list[ShopOrder]:
    """The newest first."""
    c = shop_order.c
    query = sa.select(shop_order).where(c.client == client)
    if before is not None:
        query = query.where(c.made_at < before)
    rows = tx.execute(query.order_by(c.made_at.desc(), c.id).limit(most))
    return [_order(row) for row in rows]


def named(tx: sa.Connection, client: str, ids: Collection[str]) -> dict[str, ShopOrder]:
    """Those of that client's that are among them."""
    c = shop_order.c
    query = sa.select(shop_order).where(c.client == client, c.id.in_(ids))
    return {row.id: _order(row) for row in tx.execute(query)}


def waiting(tx: sa.Connection, scope: Scope, most: int) -> list[ShopOrder]:
    """Those nobody has paid yet, and those whose money waits; the oldest first."""
    query = sa.select(shop_order).where(sa.text(OPEN))
    if scope.sources is not None:
        query = query.where(shop_order.c.source.in_(sorted(scope.sources)))
    rows = tx.execute(query.order_by(shop_order.c.made_at).limit(most))
    return [_order(row) for row in rows]


def listed(
    tx: sa.Connection, scope: Scope, state: State | None,
    behind: tuple[datetime, str] | None, most: int,
) -> list[ShopOrder]:  # fmt: skip
    """The newest first. *behind*: when the last one was made, and its id."""
    c = shop_order.c
    query = sa.select(shop_order)
    if scope.sources is not None:
        query = query.where(c.source.in_(sorted(scope.sources)))
    if state is not None:
        query = query.where(c.state == state)
    if behind is not None:
        at, id_ = behind
        later = sa.or_(c.made_at < at, sa.and_(c.made_at == at, c.id > id_))
        query = query.where(later)
    rows = tx.execute(query.order_by(c.made_at.desc(), c.id).limit(most))
    return [_order(row) for row in rows]


def paid(
    tx: sa.Connection, source: str, since: datetime, until: datetime
) -> list[ShopOrder]:
    """Those that were paid between the two, the first first."""
    c = shop_order.c
    query = sa.select(shop_order).where(
        c.source == source, c.state == State.PAID,
        c.settled_at >= since, c.settled_at < until,
    )  # fmt: skip
    rows = tx.execute(query.order_by(c.settled_at, c.id))
    return [_order(row) for row in rows]


def add(tx: sa.Connection, **said: Any) -> bool:
    """Whether that price was not ordered by before."""
    new = insert(tx, shop_order).values(state=State.OPEN, **said)
    made = tx.execute(new.on_conflict_do_nothing().returning(shop_order.c.id))
    return made.first() is not None


def settle(
    tx: sa.Connection, id_: str, state: State, by: str, because: str, at: datetime,
    event: str | None = None, was: State = State.OPEN,
) -> None:  # fmt: skip
    """LookupError, where somebody else settled it meanwhile: nothing of this one's is
    kept then."""
    done = tx.execute(
        sa.update(shop_order)
        .where(shop_order.c.id == id_, shop_order.c.state == was)
        .values(state=state, settled_at=at, settled_by=by, because=because, event=event)
    )
    if done.rowcount != 1:
        raise LookupError(f"order {id_} was settled just now; look at it anew")


def _order(row: Any) -> ShopOrder:
    known = dict(row._mapping)  # noqa: SLF001 - its public name for that
    return ShopOrder(
        **known
        | {
            "kind": Kind(row.kind),
            "state": State(row.state),
            "lines": tuple(row.lines),
        }
    )
