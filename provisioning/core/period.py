"""Paid periods, by ordinal. A payment finds its period before it has any effect."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

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


Place = tuple[int, int]
"""A paid period's ordinal, and that of the interval within it."""

SLACK = timedelta(hours=36)
FORTNIGHT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open [starts, ends). *no* is the ordinal every grant's key is made of."""

    no: int
    starts: datetime
    ends: datetime | None
    line: str | None = None
    told: bool = True
    """Whether the platform named the start, or we took it from elsewhere."""

    event: str | None = None
    """What made it known: its free credit names that as its reason."""

    fee: str | None = None
    """The set-up fee of a new sign-up, as a memo: "10.00 USD"."""

    baseline: bool = False
    """Whether others have granted what it gives: nothing of it is ever due here."""

    paid_at: datetime | None = None
    """When its platform was paid, as far as it says; None: before we listened."""

    group: str | None = None
    """By whose prices it was paid: the customer's group then."""

    def interval(self, no: int, months: int) -> datetime:
        """When that interval of it begins, counted from its start."""
        return months_after(self.starts, no * months)


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
    by_line = next((p for p in periods if paid.line and p.line == paid.line), None)
    by_start = _with_start(periods, paid.starts)
    if by_line and not _agrees(by_line, by_start, paid.starts):
        return say("period_contradicts", line=by_line.line, no=by_line.no)
    found = by_line or by_start
    if found is None:
        return _next(periods, paid, months)
    same = _same(found, paid, months)
    if isinstance(same, Sentence) or same.starts == found.starts:
        return same
    return _fitting(same, tuple(p for p in periods if p.no != found.no))


def until_paid(
    periods: tuple[Period, ...], free_until: datetime | None, starts: datetime | None
) -> tuple[Period, ...]:
    """What ran while it cost nothing is over where something paid begins.

    *free_until*: when it became what is to be paid. What has a line was paid for, and
    is left: a person must say.
    """
    if free_until is None or starts is None or starts < free_until:
        return periods
    return tuple(
        replace(p, ends=starts)
        if p.line is None and p.starts <= free_until and _holds(p, starts)
        else p
        for p in periods
    )


def _holds(period: Period, at: datetime) -> bool:
    return period.starts < at and (period.ends is None or at < period.ends)


def between(
    periods: tuple[Period, ...], since: datetime, until: datetime | None = None
) -> tuple[Period, ...]:
    """Those that were under way at any time from then on, in their order."""
    found = (
        p
        for p in periods
        if (p.ends is None or since < p.ends) and (until is None or p.starts < until)
    )
    return tuple(sorted(found, key=lambda p: p.no))


def with_period(periods: tuple[Period, ...], period: Period) -> tuple[Period, ...]:
    """The same periods with this one added, or in place of the one it completes."""
    return (*(p for p in periods if p.no != period.no), period)


def _with_start(periods: tuple[Period, ...], starts: datetime | None) -> Period | None:
    """The period that starts then; or the one whose guessed start this one names."""
    if starts is None:
        return None
    named = next((p for p in periods if p.starts == starts), None)
    return named or next((p for p in periods if _names(p, starts)), None)


def _names(guess: Period, starts: datetime) -> bool:
    """Whether that start may be the guessed one's.

    An order is paid before it is accepted, by a fortnight at most. A start later than
    the guess by more than time zones make may be the next's: a person must say.
    """
    since, until = guess.starts - FORTNIGHT, guess.starts + SLACK
    return not guess.told and since <= starts <= until


def _agrees(by_line: Period, by_start: Period | None, starts: datetime | None) -> bool:
    if by_start or starts is None:
        return by_start in (None, by_line)
    if not by_line.told:
        return True
    return by_line.starts <= starts and (not by_line.ends or starts < by_line.ends)


def _same(period: Period, paid: Payment, months: int | None) -> Period | Sentence:
    if paid.line and period.line and paid.line != period.line:
        return say("period_paid_twice", no=period.no, had=period.line, got=paid.line)
    period = replace(period, line=period.line or paid.line)
    if period.told or paid.starts is None:
        return period
    # Of an adopted customer's the operator said the end, and only that.
    said = period.ends if period.baseline and period.event is None else None
    ends = paid.ends or said or end_of(paid.starts, paid.starts, months)
    return replace(period, starts=paid.starts, ends=ends, told=True)


def _next(
    periods: tuple[Period, ...], paid: Payment, months: int | None
) -> Period | Sentence:
    starts = paid.starts or (None if periods else paid.otherwise)
    if starts is None:
        line = paid.line or "none"
        if months is None:
            return say("bought_once", line=line)
        return say("period_unknown", line=line)
    anchor = min(periods, key=lambda p: p.no).starts if periods else starts
    ends = paid.ends or end_of(anchor, starts, months)
    no = max((p.no for p in periods), default=0) + 1
    new = Period(no, starts, ends, paid.line, told=paid.starts is not None)
    return _fitting(new, periods)


def _fitting(period: Period, others: tuple[Period, ...]) -> Period | Sentence:
    over = next((p for p in others if _overlap(p, period.starts, period.ends)), None)
    if over is None:
        return period
    return say("period_overlaps", no=over.no, starts=period.starts.isoformat())


def end_of(anchor: datetime, starts: datetime, months: int | None) -> datetime | None:
    """A cycle after *starts*, counted from the anchor where *starts* was, too."""
    if months is None:
        return None
    cycles = ((starts.year - anchor.year) * 12 + starts.month - anchor.month) // months
    if months_after(anchor, cycles * months) != starts:
        anchor, cycles = starts, 0
    return months_after(anchor, (cycles + 1) * months)


def _overlap(period: Period, starts: datetime, ends: datetime | None) -> bool:
    """The end of a guess is a guess as well: a day more or less is none."""
    begins_before = ends is None or period.starts < ends
    slack = timedelta(0) if period.told else SLACK
    return begins_before and (period.ends is None or starts < period.ends - slack)
