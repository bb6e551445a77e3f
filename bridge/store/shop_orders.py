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
from bridge.store.tables import service as services
from bridge.store.tables import shop_order

OPEN = "state IN ('asked', 'open', 'held')"
"""As its partial index says it."""


class State(StrEnum):
    ASKED = "asked"
    """Waits for an admin to agree; nothing is to be paid before that."""

    OPEN = "open"
    """Waits for its money."""

    PAID = "paid"
    """Confirmed, and told."""

    HELD = "held"
    """Its money is there, and nothing is done yet."""

    CANCELLED = "cancelled"
    DECLINED = "declined"
    """An admin did not agree."""


class HeldFor(StrEnum):
    PRICE = "price"
    """What it was priced by is not so any more: somebody says whether it is done all
    the same, or paid back."""

    FLOAT = "float"
    """What the reseller has with the operator does not reach for it: it goes on by
    itself once that does."""


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
    """What is told once it is paid, as `bridge/billing/telling.py` reads it."""

    lines: tuple[Mapping[str, Any], ...]
    """What it is made of, as it was shown."""

    amount: Decimal
    base: Decimal
    """The same at base price: what it costs the reseller whose shop it is."""

    currency: str
    method: str
    payer: Mapping[str, str]
    automatic: bool | None
    """Whether it is to be renewed by itself from then on; None: nothing was said."""

    made_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    because: str | None
    event: str | None
    held_for: HeldFor | None
    handed: Mapping[str, str] | None
    """Client, order, service and invoice at the platform that has it in its cart."""

    on_float: bool
    """Its money is with the reseller, and what it costs him, if anything, is drawn from
    his float."""

    @property
    def margin(self) -> Decimal:
        """The reseller's; below nought, where he sells it for less."""
        return self.amount - self.base


def one(tx: sa.Connection, id_: str) -> ShopOrder | None:
    row = tx.execute(sa.select(shop_order).where(shop_order.c.id == id_)).first()
    return seen(row) if row else None


def of_quote(tx: sa.Connection, source: str, quote: str) -> ShopOrder | None:
    query = sa.select(shop_order).where(
        shop_order.c.source == source, shop_order.c.quote == quote
    )
    row = tx.execute(query).first()
    return seen(row) if row else None


CHANGES = (Kind.CHANGE, Kind.RENEWAL)
"""What is priced by how a service is: one of them waits at a time."""


def under_way(tx: sa.Connection, service: str) -> ShopOrder | None:
    """The change or renewal of it that waits, for an admin's word or its money."""
    c = shop_order.c
    waits = c.state.in_((State.ASKED, State.OPEN))
    query = sa.select(shop_order).where(
        c.service == service, waits, c.kind.in_(CHANGES)
    )
    row = tx.execute(query).first()
    return seen(row) if row else None


def waits(tx: sa.Connection, service: str) -> ShopOrder | None:
    """The same, and one whose money is there and that somebody has to look at."""
    c = shop_order.c
    query = sa.select(shop_order).where(
        c.service == service, sa.text(OPEN), c.kind.in_(CHANGES)
    )
    row = tx.execute(query).first()
    return seen(row) if row else None


def asking(tx: sa.Connection) -> list[tuple[str, datetime]]:
    """Of each that waits for an admin: the account, and since when."""
    c = shop_order.c
    query = (
        sa.select(services.c.account, c.made_at)
        .join(services, services.c.ref == c.service)
        .where(sa.text(OPEN), c.state == State.ASKED)
    )
    return [(row.account, row.made_at) for row in tx.execute(query)]


def lock(tx: sa.Connection, service: str) -> None:
    """Whoever settles an order of it has the others wait."""
    mine = sa.select(shop_order.c.id).where(shop_order.c.service == service)
    tx.execute(mine.order_by(shop_order.c.id).with_for_update()).all()


def told(tx: sa.Connection, service: str) -> list[ShopOrder]:
    """All of that service whose payment was told, the newest first."""
    c = shop_order.c
    query = sa.select(shop_order).where(c.service == service, c.event.is_not(None))
    rows = tx.execute(query.order_by(c.settled_at.desc(), c.id))
    return [seen(row) for row in rows]


def given(tx: sa.Connection, client: str, product: str) -> list[ShopOrder]:
    """By which he has that plan for nothing, or had ordered it so."""
    c = shop_order.c
    query = sa.select(shop_order).where(
        c.client == client, c.kind == Kind.NEW, c.amount == Decimal()
    )
    found = (seen(row) for row in tx.execute(query.order_by(c.made_at)))
    free = (one for one in found if not one.said.get("trial"))
    return [one for one in free if one.said["product"] == product]


def last(
    tx: sa.Connection, client: str, service: str | None = None
) -> ShopOrder | None:
    """The newest of that client's; where a service is named, of that before others."""
    c = shop_order.c
    query = sa.select(shop_order).where(c.client == client)
    of_it = sa.case((c.service == service, 0), else_=1)
    row = tx.execute(query.order_by(of_it, c.made_at.desc(), c.id).limit(1)).first()
    return seen(row) if row else None


def open_of(tx: sa.Connection, client: str) -> int:
    """How many of that client's wait for their money."""
    query = sa.select(sa.func.count()).where(
        shop_order.c.client == client, sa.text(OPEN)
    )
    return int(tx.execute(query.select_from(shop_order)).scalar_one())


def of_client(
    tx: sa.Connection, client: str, most: int, before: datetime | None = None, *,
    since: datetime | None = None, state: State | None = None,
) -> list[ShopOrder]:  # fmt: skip
    """The newest first."""
    c = shop_order.c
    query = sa.select(shop_order).where(c.client == client)
    if before is not None:
        query = query.where(c.made_at < before)
    if since is not None:
        query = query.where(c.made_at >= since)
    if state is not None:
        query = query.where(c.state == state)
    rows = tx.execute(query.order_by(c.made_at.desc(), c.id).limit(most))
    return [seen(row) for row in rows]


def made(tx: sa.Connection, client: str) -> list[datetime]:
    """When each of that client's was placed."""
    query = sa.select(shop_order.c.made_at).where(shop_order.c.client == client)
    return list(tx.execute(query).scalars())


def become(tx: sa.Connection, id_: str, payer: Mapping[str, str]) -> None:
    """Who pays it, while it waits for its money. LookupError, where it does not."""
    done = tx.execute(
        sa.update(shop_order)
        .where(shop_order.c.id == id_, shop_order.c.state == State.OPEN)
        .values(payer=dict(payer))
    )
    if done.rowcount != 1:
        raise LookupError(f"order {id_} does not wait for its money any more")


def named(tx: sa.Connection, client: str, ids: Collection[str]) -> dict[str, ShopOrder]:
    """Those of that client's that are among them."""
    c = shop_order.c
    query = sa.select(shop_order).where(c.client == client, c.id.in_(ids))
    return {row.id: seen(row) for row in tx.execute(query)}


def waiting(tx: sa.Connection, scope: Scope, most: int) -> list[ShopOrder]:
    """Those nobody has paid yet, and those whose money waits; the oldest first."""
    query = sa.select(shop_order).where(sa.text(OPEN))
    if scope.sources is not None:
        query = query.where(shop_order.c.source.in_(sorted(scope.sources)))
    rows = tx.execute(query.order_by(shop_order.c.made_at).limit(most))
    return [seen(row) for row in rows]


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
        # Said so, and not as two cases, an index finds where to begin.
        query = query.where(c.made_at <= at, sa.or_(c.made_at < at, c.id > id_))
    rows = tx.execute(query.order_by(c.made_at.desc(), c.id).limit(most))
    return [seen(row) for row in rows]


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
    return [seen(row) for row in rows]


def add(tx: sa.Connection, state: State, **said: Any) -> bool:
    """Whether that price was not ordered by before."""
    new = insert(tx, shop_order).values(state=state, **said)
    made = tx.execute(new.on_conflict_do_nothing().returning(shop_order.c.id))
    return made.first() is not None


def agree(tx: sa.Connection, order: ShopOrder, agreed: Mapping[str, str]) -> None:
    """From now on it waits for its money. *agreed*: who said so, when and why."""
    done = tx.execute(
        sa.update(shop_order)
        .where(shop_order.c.id == order.id, shop_order.c.state == State.ASKED)
        .values(state=State.OPEN, said={**order.said, "agreed": dict(agreed)})
    )
    if done.rowcount != 1:
        raise _settled(order.id)


def short(tx: sa.Connection, source: str) -> list[ShopOrder]:
    """Those its float did not reach for, the first confirmed first."""
    return [seen(row) for row in tx.execute(_short(source))]


def lock_short(tx: sa.Connection, source: str, currency: str) -> list[ShopOrder]:
    """The same, of one currency; nobody else settles them meanwhile."""
    query = _short(source).where(shop_order.c.currency == currency)
    return [seen(row) for row in tx.execute(query.with_for_update()).all()]


def _short(source: str) -> sa.Select[Any]:
    c = shop_order.c
    query = sa.select(shop_order).where(
        c.source == source, sa.text(OPEN), c.held_for == HeldFor.FLOAT
    )
    return query.order_by(c.settled_at, c.id)


def settle(
    tx: sa.Connection, id_: str, state: State, by: str, because: str, at: datetime,
    event: str | None = None, was: State = State.OPEN,
    held_for: HeldFor | None = None,
) -> None:  # fmt: skip
    """LookupError, where somebody else settled it meanwhile: nothing of this one's is
    kept then."""
    done = tx.execute(
        sa.update(shop_order)
        .where(shop_order.c.id == id_, shop_order.c.state == was)
        .values(
            state=state,
            settled_at=at,
            settled_by=by,
            because=because,
            event=event,
            held_for=held_for,
        )
    )
    if done.rowcount != 1:
        raise _settled(id_)


def put_on_float(tx: sa.Connection, id_: str) -> None:
    """Whether anything is drawn for it or not; it stays so."""
    tx.execute(
        sa.update(shop_order).where(shop_order.c.id == id_).values(on_float=True)
    )


def _settled(id_: str) -> LookupError:
    return LookupError(f"order {id_} was settled just now; look at it anew")


def seen(row: Any) -> ShopOrder:
    known = dict(row._mapping)  # noqa: SLF001 - its public name for that
    return ShopOrder(
        **known
        | {
            "kind": Kind(row.kind),
            "state": State(row.state),
            "held_for": HeldFor(row.held_for) if row.held_for else None,
            "lines": tuple(row.lines),
        }
    )
