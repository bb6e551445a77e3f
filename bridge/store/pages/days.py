"""Day by day: what was paid, what arrived, what nobody knows; how long events took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store import attempts, tables
from bridge.store.pages.scoped import owned, within
from bridge.store.tables import account, attempt, ledger, operation, request
from bridge.store.types import Moment
from provisioning.core.money import from_micro

QUARTER = timedelta(minutes=15)
"""By these sums are added up: each calendar's day begins with one."""

SAMPLE = 2000
"""Events whose times are measured: the newest that are done."""

FAR_BACK = 20_000
"""But none older than so many before the newest."""


@dataclass(frozen=True, slots=True)
class Money:
    """Of one day and currency."""

    day: date
    paid: Decimal = Decimal(0)
    applied: Decimal = Decimal(0)
    unsure: Decimal = Decimal(0)
    """Sent on that day, and nobody knows yet."""


Sum = tuple[str, datetime, str, Decimal]
"""What happened to it, when, its currency, and how much."""


def moved(tx: sa.Connection, scope: Scope, since: datetime) -> list[Sum]:
    """What was paid and what was applied since then, a quarter of an hour each."""
    size = QUARTER // timedelta(microseconds=1)
    micros = sa.type_coerce(ledger.c.at, sa.BigInteger)
    quarter = (micros - micros % size).label("quarter")
    total = sa.func.sum(sa.type_coerce(ledger.c.amount, sa.BigInteger)).label("total")
    paid = sa.and_(ledger.c.from_book == "paid", ledger.c.to_book == "held")
    applied = sa.and_(ledger.c.from_book == "held", ledger.c.to_book == "applied")
    query = (
        sa.select(
            sa.type_coerce(quarter, Moment), ledger.c.to_book, ledger.c.currency, total
        )
        .where(
            ledger.c.at >= since, sa.or_(paid, applied), owned(scope, ledger.c.owner)
        )
        .group_by(quarter, ledger.c.to_book, ledger.c.currency)
    )
    names = {"held": "paid", "applied": "applied"}
    return [
        (names[book], at, currency, from_micro(int(sum_)))
        for at, book, currency, sum_ in tx.execute(query)
    ]


def unsure(tx: sa.Connection, scope: Scope, since: datetime) -> list[Sum]:
    """Sent since then, and still nobody knows."""
    query = (
        sa.select(attempt.c.send_before, account.c.currency, attempt.c.amount)
        .join(account, account.c.id == attempt.c.account)
        .where(
            sa.text(tables.LIVE),
            attempt.c.state.in_([attempts.State.UNSURE, attempts.State.PERSON]),
            attempt.c.amount.is_not(None),
            attempt.c.send_before >= since,
            within(scope, account.c.source),
        )
    )
    return [("unsure", at, currency, sum_) for at, currency, sum_ in tx.execute(query)]


def took(tx: sa.Connection, scope: Scope) -> list[timedelta]:
    """From the door to done, of the newest that are; the shortest first."""
    newest = tx.execute(sa.select(sa.func.max(operation.c.id))).scalar() or 0
    query = (
        sa.select(request.c.received_at, operation.c.changed_at)
        .join(request, request.c.id == operation.c.request)
        .where(
            operation.c.id > newest - FAR_BACK,
            operation.c.fate == "done",
            within(scope, operation.c.source),
        )
        .order_by(operation.c.id.desc())
        .limit(SAMPLE)
    )
    return sorted(done - received for received, done in tx.execute(query))
