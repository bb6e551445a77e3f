"""What moved in the books, a quarter of an hour at a time: read once, then remembered.

A page that is looked at all day adds up what is new since the last look, however much
came in before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store.pages.scoped import owned
from bridge.store.tables import ledger
from bridge.store.types import Moment
from provisioning.core.money import from_micro

QUARTER = timedelta(minutes=15)
"""By these sums are added up: each calendar's day begins with one."""

LATE = timedelta(hours=1)
"""So long after its end nothing more is booked in a quarter."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moved:
    """All that went from one book to another in one quarter and currency."""

    at: datetime
    from_book: str
    to_book: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class _Known:
    since: datetime
    until: datetime
    """What was before it is over, and here."""

    rows: tuple[Moved, ...]


_KNOWN: dict[tuple[str, Scope], _Known] = {}
"""By database, and by whose money may be seen."""


def remembered(
    tx: sa.Connection, database: str, scope: Scope, since: datetime, at: datetime
) -> tuple[Moved, ...]:
    """What moved since then; only what may still be another is read anew."""
    key = database, scope
    known = _KNOWN.get(key)
    if known is None or since < known.since or known.until > at:
        known = _Known(since, since, ())
    before = tuple(row for row in known.rows if row.at >= since)
    rows = (*before, *moved(tx, scope, max(known.until, since)))
    until = max(_quarter(at - LATE), since)
    _KNOWN[key] = _Known(since, until, tuple(row for row in rows if row.at < until))
    return rows


def moved(tx: sa.Connection, scope: Scope, since: datetime) -> list[Moved]:
    """As the database adds it up."""
    size = QUARTER // timedelta(microseconds=1)
    micros = sa.type_coerce(ledger.c.at, sa.BigInteger)
    quarter = (micros - micros % size).label("quarter")
    total = sa.func.sum(sa.type_coerce(ledger.c.amount, sa.BigInteger)).label("total")
    by = (ledger.c.from_book, ledger.c.to_book, ledger.c.currency)
    query = (
        sa.select(sa.type_coerce(quarter, Moment), *by, total)
        .where(ledger.c.at >= since, owned(scope, ledger.c.owner))
        .group_by(quarter, *by)
    )
    return [
        Moved(at, from_, to, currency, from_micro(int(sum_)))
        for at, from_, to, currency, sum_ in tx.execute(query)
    ]


def _quarter(at: datetime) -> datetime:
    """When the one began that it is in."""
    return at - (at - EPOCH) % QUARTER
