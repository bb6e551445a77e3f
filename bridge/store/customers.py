"""Who may log in at a shop, and the links they are mailed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bridge.access.customers import Belonging, Buyer, Standing
from bridge.access.roles import Scope
from bridge.store import factors
from bridge.store.database import insert
from bridge.store.tables import customer, customer_link, invitation, shop_order


class Purpose(StrEnum):
    PROVE = "prove"
    """That the address is his, and his first password."""

    RESET = "reset"
    """A new password, where the old one is forgotten."""

    JOIN = "join"
    """To become one of a client's people."""


LASTS = {
    Purpose.PROVE: timedelta(hours=24),
    Purpose.RESET: timedelta(hours=1),
    Purpose.JOIN: timedelta(days=7),
}


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    source: str
    client: str
    role: Standing
    email: str
    name: str
    language: str
    password: str | None = field(repr=False)
    totp: bytes | None = field(repr=False)
    step: int
    recovery: tuple[str, ...] = field(repr=False)
    proved_at: datetime | None
    chosen_at: datetime | None
    made_at: datetime
    ended_at: datetime | None

    @property
    def buyer(self) -> Buyer:
        return Buyer(self.id, self.role, Belonging(self.source, self.client))


def one(tx: sa.Connection, id_: str) -> Customer | None:
    row = tx.execute(sa.select(customer).where(customer.c.id == id_)).first()
    return _customer(row) if row else None


def known(tx: sa.Connection, source: str, email: str) -> Customer | None:
    """Who has that address there, and has not left."""
    query = sa.select(customer).where(
        customer.c.source == source,
        customer.c.email == email,
        customer.c.ended_at.is_(None),
    )
    row = tx.execute(query).first()
    return _customer(row) if row else None


def people(tx: sa.Connection, client: str) -> list[Customer]:
    """All who belong to it."""
    query = sa.select(customer).where(
        customer.c.client == client, customer.c.ended_at.is_(None)
    )
    rows = tx.execute(query.order_by(customer.c.made_at, customer.c.id))
    return [_customer(row) for row in rows]


def listed(tx: sa.Connection, scope: Scope, after: str, most: int) -> list[Customer]:
    """Of all shops that may be seen, by their ids."""
    c = customer.c
    query = sa.select(customer).where(c.ended_at.is_(None), c.id > after)
    if scope.sources is not None:
        query = query.where(c.source.in_(sorted(scope.sources)))
    rows = tx.execute(query.order_by(c.id).limit(most))
    return [_customer(row) for row in rows]


def add(tx: sa.Connection, **said: Any) -> bool:
    """Whether nobody there had that address."""
    new = insert(tx, customer).values(step=0, recovery=[], **said)
    made = tx.execute(new.on_conflict_do_nothing().returning(customer.c.id))
    return made.first() is not None


def become(tx: sa.Connection, id_: str, **values: Any) -> None:
    tx.execute(sa.update(customer).where(customer.c.id == id_).values(**values))


def choose(tx: sa.Connection, id_: str, password: str, at: datetime) -> None:
    """A new password: no link mailed before opens anything any more."""
    become(tx, id_, password=password, chosen_at=at)
    unlink_all(tx, id_)


def use_up(tx: sa.Connection, id_: str, step: int | None, recovery: str | None) -> None:
    factors.use_up(tx, customer, customer.c.id == id_, step, recovery)


def client(tx: sa.Connection, id_: str) -> str | None:
    """Whose he is; he stays so until this transaction ends."""
    mine = sa.select(customer.c.client).where(customer.c.id == id_)
    return tx.execute(mine.with_for_update(read=True)).scalar()


def owners(tx: sa.Connection, client: str) -> list[str]:
    """Those who can let others in; locked until this transaction ends."""
    c = customer.c
    query = sa.select(c.id).where(
        c.client == client, c.role == Standing.OWNER, c.ended_at.is_(None)
    )
    return list(tx.execute(query.with_for_update()).scalars())


def is_others(tx: sa.Connection, client: str, than: str) -> bool:
    """Whether that client has people, and is not the second one."""
    return client != than and bool(people(tx, client))


def move(tx: sa.Connection, was: str, now: str) -> None:
    """A client is called otherwise from now on, with all that is his at the shop."""
    for table in (customer, invitation, shop_order):
        mine = sa.update(table).where(table.c.client == was)
        tx.execute(mine.values(client=now))


# --- links


def link(
    tx: sa.Connection, hash_: str, id_: str, purpose: Purpose, at: datetime
) -> None:
    """The newest of its purpose is the only one that holds."""
    c = customer_link.c
    old = sa.delete(customer_link).where(
        sa.or_(sa.and_(c.customer == id_, c.purpose == purpose), c.until < at)
    )
    tx.execute(old)
    tx.execute(
        sa.insert(customer_link).values(
            hash=hash_, customer=id_, purpose=purpose, until=at + LASTS[purpose]
        )
    )


def linked(tx: sa.Connection, hash_: str, at: datetime) -> Customer | None:
    """Whom it was mailed to, as long as it holds."""
    c = customer_link.c
    query = sa.select(customer).join(customer_link).where(
        c.hash == hash_, c.until > at,
        customer.c.ended_at.is_(None),
    )  # fmt: skip
    row = tx.execute(query).first()
    return _customer(row) if row else None


def unlink_all(tx: sa.Connection, id_: str) -> None:
    tx.execute(sa.delete(customer_link).where(customer_link.c.customer == id_))


def _customer(row: Any) -> Customer:
    known_ = dict(row._mapping)  # noqa: SLF001 - its public name for that
    return Customer(
        **known_ | {"role": Standing(row.role), "recovery": tuple(row.recovery)}
    )
