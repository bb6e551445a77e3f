"""What was used of an account, by the day it began: calls, minutes, messages, the most
at once.

A day is a level, not a flow: it is reckoned whole from what the backend lists of it.
Asked twice it is the same, asked late it is more, and nothing is added up twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

MESSAGES = frozenset({"sms", "fax", "email"})
"""Kinds that are counted, whatever time they took; all others are calls."""

VOICE = "voice"
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Record:
    """One call or message, as the backend lists it when it is over."""

    at: datetime
    """When it began."""

    seconds: int
    cost: Decimal = Decimal(0)
    kind: str = VOICE


@dataclass(frozen=True, slots=True)
class Used:
    """Of a day, or of several together."""

    calls: int = 0
    seconds: int = 0
    messages: int = 0
    peak: int = 0
    """The most calls that were up at once."""

    cost: Decimal = Decimal(0)

    @property
    def minutes(self) -> Decimal:
        return Decimal(self.seconds) / MINUTE

    def and_(self, other: Used) -> Used:
        return Used(
            self.calls + other.calls,
            self.seconds + other.seconds,
            self.messages + other.messages,
            max(self.peak, other.peak),
            self.cost + other.cost,
        )

    def at_least(self, other: Used) -> Used:
        """Of two looks at one day the fuller: what is deleted there was used."""
        return max(self, other, key=lambda each: each.calls + each.messages)


def by_day(records: Iterable[Record], zone: tzinfo) -> dict[date, Used]:
    """By the day in that zone on which each began."""
    days: dict[date, list[Record]] = {}
    for record in records:
        days.setdefault(record.at.astimezone(zone).date(), []).append(record)
    return {day: used(of_day) for day, of_day in sorted(days.items())}


def used(records: Sequence[Record]) -> Used:
    calls = [record for record in records if record.kind not in MESSAGES]
    return Used(
        calls=len(calls),
        seconds=sum(call.seconds for call in calls),
        messages=len(records) - len(calls),
        peak=_peak(calls),
        cost=sum((record.cost for record in records), Decimal(0)),
    )


def total(days: Iterable[Used]) -> Used:
    whole = Used()
    for each in days:
        whole = whole.and_(each)
    return whole


def starts(day: date, zone: tzinfo) -> datetime:
    """The first moment of that day there."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def is_settled(day: date, zone: tzinfo, looked: datetime, late: timedelta) -> bool:
    """Whether nothing of it can still come: it was looked at long enough after."""
    return looked >= starts(day + timedelta(days=1), zone) + late


def _peak(calls: Iterable[Record]) -> int:
    """One that ends as another begins made room for it."""
    moves = sorted(
        move
        for call in calls
        for move in ((call.at, 1), (call.at + timedelta(seconds=call.seconds), -1))
    )
    up = most = 0
    for _, move in moves:
        up += move
        most = max(most, up)
    return most
