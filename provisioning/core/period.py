"""Paid periods, by ordinal. A payment finds its period before it has any effect."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import datetime

from provisioning.core.sentences import Sentence, say

CYCLES = {
    "monthly": 1,
    "quarterly": 3,
    "semiannually": 6,
    "annually": 12,
    "biennially": 24,
    "triennially": 36,
    "once": None,
}
"""Length in months; bought once has none."""


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open [starts, ends). *no* is the ordinal every grant's key is made of."""

    no: int
    starts: datetime
    ends: datetime | None
    line: str | None = None
    told: bool = True
    """Whether the platform named the start, or we took it from elsewhere."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What a platform says was paid: a line, a start, or both."""

    line: str | None
    starts: datetime | None
    ends: datetime | None
    otherwise: datetime | None = None
    """The start of a first period whose start nobody named."""


def months_after(anchor: datetime, months: int) -> datetime:
    """The anchor's day so many months on, or that month's last: 31 Jan, 28 Feb, 31 Mar.

    Always count from the anchor, never from a result: a chain loses the 31st.
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    day = min(anchor.day, calendar.monthrange(year, month + 1)[1])
    return anchor.replace(year=year, month=month + 1, day=day)


def match(
    periods: tuple[Period, ...], paid: Payment, months: int | None
) -> Period | Sentence:
    """The period this payment is for, a known one or the next; or why nobody can tell.

    WHMCS tells one renewal by two roads, Renew without a line and InvoicePaid with one:
    both must find the same period, or it is granted twice.
    """
    by_line = _with_line(periods, paid.line)
    by_start = _with_start(periods, paid.starts)
    if by_line and by_start not in (None, by_line):
        return say("period_contradicts", line=by_line.line, no=by_line.no)
    if by_line:
        return _same(by_line, paid)
    if by_start:
        return _same(by_start, paid)
    return _next(periods, paid, months)


def with_period(periods: tuple[Period, ...], period: Period) -> tuple[Period, ...]:
    """The same periods with this one added, or in place of the one it completes."""
    return (*(p for p in periods if p.no != period.no), period)


def _with_line(periods: tuple[Period, ...], line: str | None) -> Period | None:
    return next((p for p in periods if line and p.line == line), None)


def _with_start(periods: tuple[Period, ...], starts: datetime | None) -> Period | None:
    if starts is None:
        return None
    named = next((p for p in periods if p.starts == starts), None)
    return named or next(
        (
            p
            for p in periods
            if not p.told and p.starts <= starts and (not p.ends or starts < p.ends)
        ),
        None,
    )


def _same(period: Period, paid: Payment) -> Period | Sentence:
    if paid.line and period.line and paid.line != period.line:
        return say("period_paid_twice", no=period.no, had=period.line, got=paid.line)
    named = not period.told and paid.starts is not None
    return replace(
        period,
        line=period.line or paid.line,
        starts=paid.starts if named and paid.starts else period.starts,
        ends=paid.ends if named and paid.ends else period.ends,
        told=period.told or named,
    )


def _next(
    periods: tuple[Period, ...], paid: Payment, months: int | None
) -> Period | Sentence:
    starts = paid.starts or _follows(periods, paid)
    if starts is None:
        return say("period_unknown", line=paid.line or "none")
    inside = next((p for p in periods if p.starts < starts < (p.ends or starts)), None)
    if inside:
        return say("period_overlaps", no=inside.no, starts=starts.isoformat())
    ends = paid.ends or (months_after(starts, months) if months else None)
    no = max((p.no for p in periods), default=0) + 1
    return Period(no, starts, ends, paid.line, told=paid.starts is not None)


def _follows(periods: tuple[Period, ...], paid: Payment) -> datetime | None:
    """Where a payment without dates begins: first of all, or right after the last.

    Not where a period still waits for its line: the payment may be that one's.
    """
    if not periods:
        return paid.otherwise
    if any(p.line is None for p in periods):
        return None
    return max((p for p in periods), key=lambda p: p.starts).ends
