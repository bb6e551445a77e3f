"""What pages and sheets read: what came in, what was used, by day and by month.

All of it is reckoned from the ledger and the balances that were seen; nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from bridge.store import chain, usage
from bridge.store.lanes import INTAKE
from bridge.store.tables import account, ledger
from bridge.store.tables import usage as days_kept
from bridge.store.types import Amount, Moment
from provisioning.core import statement
from provisioning.core.statement import (
    Gone,
    Line,
    Move,
    Parts,
    Seen,
    Step,
    Way,
    lines,
    moved,
)
from provisioning.core.usage import Used, starts, total

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an account, in its own calendar."""

    day: date
    used: Used
    balance: Decimal | None
    """At the last look that day."""

    spent: Decimal
    """By how the balance moved, seen on that day."""


@dataclass(frozen=True, slots=True)
class Month:
    """S1, S10, S12: a month of an account, and its days."""

    month: date
    """Its first day."""

    line: Line
    days: tuple[Day, ...]

    @property
    def used(self) -> Used:
        return total(day.used for day in self.days)


def month(tx: sa.Connection, id_: str, first: date, zone: tzinfo) -> Month:
    """*first*: its first day."""
    following = after(first)
    steps = _steps(tx, id_)
    bounds = [starts(first, zone), starts(following, zone)]
    _, (_, line) = lines(steps, bounds)
    return Month(first, line, _days(tx, id_, steps, first, following - DAY, zone))


def days(
    tx: sa.Connection, id_: str, first: date, last: date, zone: tzinfo
) -> tuple[Day, ...]:
    """S12: those on which it was looked at, both ends with them."""
    return _days(tx, id_, _steps(tx, id_), first, last, zone)


def spent(tx: sa.Connection, id_: str) -> list[tuple[datetime, Decimal]]:
    """What was used, by the moment it was seen."""
    return list(statement.spent(_steps(tx, id_)))


def months(
    tx: sa.Connection, id_: str, zone: tzinfo, until: datetime
) -> list[tuple[date, Line]]:
    """Each from its first one on, up to the one of *until*; the oldest first."""
    steps = _steps(tx, id_)
    if not steps:
        return []
    these = [month_of(steps[0].at, zone)]
    while these[-1] < month_of(until, zone):
        these.append(after(these[-1]))
    found = lines(steps, [starts(after(each), zone) for each in these])
    return [(each, line) for each, (_, line) in zip(these, found, strict=True)]


def now(tx: sa.Connection, id_: str) -> Parts:
    """What is at the backend, free and bought apart, as of the last look."""
    return statement.now(_steps(tx, id_))


def spent_since(tx: sa.Connection, id_: str, since: datetime) -> Decimal:
    """What was used from then on, by how the balance moved."""
    used = spent(tx, id_)
    return sum((amount for at, amount in used if at >= since), Decimal(0))


def spent_by_day(steps: Iterable[Step], zone: tzinfo) -> dict[date, Decimal]:
    found: dict[date, Decimal] = {}
    for at, amount in statement.spent(steps):
        day = at.astimezone(zone).date()
        found[day] = found.get(day, Decimal(0)) + amount
    return found


def month_of(at: datetime, zone: tzinfo) -> date:
    """The first day of the month it is in there."""
    return at.astimezone(zone).date().replace(day=1)


def after(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)


def _days(
    tx: sa.Connection, id_: str, steps: list[Step], first: date, last: date,
    zone: tzinfo,
) -> tuple[Day, ...]:  # fmt: skip
    by_day = spent_by_day(steps, zone)
    return tuple(
        Day(each.day, each.used, each.balance, by_day.get(each.day, Decimal(0)))
        for each in usage.days(tx, id_, first, last)
    )


def _steps(tx: sa.Connection, id_: str) -> list[Step]:
    steps: list[Step] = [
        moved(each.at, each.key, each.from_book, each.to_book, each.amount)
        for each in chain.entries(tx, id_)
    ]
    steps += [
        Seen(each.balance_at, each.balance)
        for each in usage.days(tx, id_)
        if each.balance is not None and each.balance_at is not None
    ]
    gone = tx.execute(sa.select(account.c.purged_at).where(account.c.id == id_))
    return _in_order(steps, gone.scalar())


def _in_order(steps: list[Step], gone: datetime | None) -> list[Step]:
    """What was booked at the moment of a look was there when it was looked."""
    steps += [Gone(gone)] if gone else []
    return sorted(steps, key=lambda step: (step.at, not isinstance(step, Move)))


# --- what all customers have together


@dataclass(frozen=True, slots=True)
class Owed:
    """What a source's customers have in one currency: a month, and all before it."""

    source: str
    currency: str
    before: Line
    line: Line

    @property
    def booked(self) -> Parts:
        """What the ledger has to say of it: all that came, whatever was used."""
        used = self.before.used.and_(self.line.used)
        gone = self.before.of(Way.WRITTEN_OFF).and_(self.line.of(Way.WRITTEN_OFF))
        return self.line.closing.and_(used).less(gone)


def liability(tx: sa.Connection, first: date, zone: tzinfo) -> list[Owed]:
    """Of each source and currency; an account at a time is in memory."""
    bounds = [starts(first, zone), starts(after(first), zone)]
    sums: dict[tuple[str, str], tuple[Line, Line]] = {}
    for source, currency, steps in _every(tx):
        (_, before), (_, line) = lines(steps, bounds)
        known = sums.get((source, currency), (NOTHING, NOTHING))
        sums[source, currency] = _both(known[0], before), _both(known[1], line)
    return [Owed(*key, *pair) for key, pair in sorted(sums.items())]


def unproven(tx: sa.Connection, sheet: Iterable[Owed], until: datetime) -> list[str]:
    """The currencies whose sheet is not what the ledger's own sums say."""
    ours: dict[str, Parts] = {}
    for owed in sheet:
        ours[owed.currency] = ours.get(owed.currency, Parts()).and_(owed.booked)
    return sorted(
        currency
        for currency, booked in _booked(tx, until).items()
        if ours.get(currency, Parts()) != booked
    )


def _booked(tx: sa.Connection, until: datetime) -> dict[str, Parts]:
    """By the database's own adding up, book by book."""
    query = (
        sa.select(
            ledger.c.currency,
            ledger.c.from_book,
            ledger.c.to_book,
            sa.type_coerce(
                sa.func.sum(sa.type_coerce(ledger.c.amount, sa.BigInteger)), Amount
            ),
        )
        .where(ledger.c.at < until)
        .group_by(ledger.c.currency, ledger.c.from_book, ledger.c.to_book)
    )
    sums: dict[str, Parts] = {}
    for currency, from_book, to_book, amount in tx.execute(query):
        came = moved(until, "", from_book, to_book, amount).amount
        sums[currency] = sums.get(currency, Parts()).and_(came)
    return sums


NOTHING = Line(Parts(), (), Parts(), Parts())


def _both(one: Line, other: Line) -> Line:
    came = dict(one.came)
    for way, part in other.came:
        came[way] = came.get(way, Parts()).and_(part)
    return Line(
        one.opening.and_(other.opening),
        tuple(came.items()),
        one.used.and_(other.used),
        one.closing.and_(other.closing),
    )


def _every(tx: sa.Connection) -> Iterator[tuple[str, str, list[Step]]]:
    """All there is of each owner and currency, one after the other."""
    whose = account.c.source, account.c.purged_at
    booked = sa.select(
        ledger.c.owner, ledger.c.currency, ledger.c.at, ledger.c.id, ledger.c.key,
        ledger.c.from_book, ledger.c.to_book, ledger.c.amount, *whose,
    ).join(account, account.c.id == ledger.c.owner, isouter=True)  # fmt: skip
    none = sa.literal("")
    seen = (
        sa.select(
            days_kept.c.account, account.c.currency, days_kept.c.balance_at,
            sa.literal(0), none, none, none, days_kept.c.balance, *whose,
        )
        .join(account, account.c.id == days_kept.c.account)
        .where(days_kept.c.balance_at.is_not(None))
    )  # fmt: skip
    rows = sa.union_all(booked, seen).subquery()
    query = sa.select(
        rows.c.owner, rows.c.currency, sa.type_coerce(rows.c.at, Moment).label("at"),
        rows.c.key, rows.c.from_book, rows.c.to_book,
        sa.type_coerce(rows.c.amount, Amount).label("amount"), rows.c.source,
        sa.type_coerce(rows.c.purged_at, Moment).label("purged_at"),
    ).order_by(rows.c.owner, rows.c.currency, rows.c.at, rows.c.id)  # fmt: skip
    listed = tx.execution_options(yield_per=1000).execute(query)
    for (owner, currency), some in groupby(listed, lambda r: (r.owner, r.currency)):
        of_one = list(some)
        source = of_one[0].source or owner.removeprefix(INTAKE).partition(":")[0]
        steps = [_step(row) for row in of_one]
        yield source, currency, _in_order(steps, of_one[0].purged_at)


def _step(row: Any) -> Step:
    if not row.from_book:
        return Seen(row.at, row.amount)
    return moved(row.at, row.key, row.from_book, row.to_book, row.amount)
