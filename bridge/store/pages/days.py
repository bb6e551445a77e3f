"""What was sent and nobody knows, by day; and how long events took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store import attempts, tables
from bridge.store.pages.scoped import within
from bridge.store.tables import account, attempt, operation, request

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
