"""Sums that wait, as a person looks at them one by one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from bridge.store import books, payload, tables
from bridge.store.tables import claim, operation
from bridge.store.types import Amount
from provisioning.core.credit import BACK, Claim, Kind
from provisioning.core.events import Event


@dataclass(frozen=True, slots=True)
class Held:
    key: str
    owner: str
    amount: Decimal
    currency: str
    event: str
    state: str
    since: datetime


WAITS = (
    sa.select(
        claim.c.key,
        claim.c.owner,
        sa.cast(tables.REST, Amount).label("amount"),
        claim.c.currency,
        claim.c.event,
        claim.c.state,
        claim.c.booked_at,
    )
    .where(
        sa.text(tables.UNSETTLED),
        sa.or_(claim.c.kind == Kind.TOPUP.value, claim.c.state == "parked"),
    )
    .order_by(claim.c.booked_at, claim.c.key)
)


def listed(tx: sa.Connection) -> list[Held]:
    """All bought money that has not arrived, and whatever else was refused; the longest
    waiting first."""
    return [Held(*row) for row in tx.execute(WAITS)]


def owner_of(tx: sa.Connection, key: str) -> str | None:
    query = sa.select(claim.c.owner).where(claim.c.key == key)
    return tx.execute(query).scalar_one_or_none()


def is_booked(tx: sa.Connection, key: str) -> bool:
    return owner_of(tx, key) is not None


def unsettled(tx: sa.Connection, owner: str, keys: Collection[str]) -> list[Claim]:
    due = books.due_of(tx, owner)
    return [claim_ for claim_ in due.open + due.aside if claim_.key in keys]


def given_since(tx: sa.Connection, owner: str, since: datetime) -> Decimal:
    """How much goodwill this account had from then on."""
    total = sa.func.coalesce(
        sa.func.sum(sa.type_coerce(claim.c.amount, sa.BigInteger)), 0
    )
    found = tx.execute(
        sa.select(sa.cast(total, Amount)).where(
            claim.c.owner == owner,
            claim.c.kind == Kind.GOODWILL.value,
            claim.c.booked_at > since,
        )
    ).scalar_one()
    return found or Decimal(0)


def of_line(tx: sa.Connection, line: str) -> list[Claim]:
    """All that a top-up's line brought, arrived or not."""
    keys = [f"{line}/{kind}" for kind in BACK]
    known = books.BOOKED.ask(tx, list, keys=keys).read()
    return [books.read(row) for row in known]


def unfinished(tx: sa.Connection, lane: str) -> list[tuple[int, Event]]:
    """Every event of this lane that has not ended."""
    rows = tx.execute(
        sa.select(operation.c.id, operation.c.payload).where(
            operation.c.lane == lane,
            sa.or_(sa.text(tables.ACCEPTED), sa.text(tables.UNFINISHED)),
        )
    )
    return [(row.id, payload.to_event(row.payload, row.id)) for row in rows]


def of_event(tx: sa.Connection, lane: str, event: str) -> list[int]:
    query = sa.select(operation.c.id).where(
        operation.c.lane == lane, operation.c.event == event
    )
    return list(tx.execute(query).scalars())
