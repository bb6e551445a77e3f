"""How long what is sold may be used at a time, and how many days of that are left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from fractions import Fraction

from provisioning.core.period import CYCLES


def length(cycle: str) -> tuple[bool, int]:
    """To compare by. What is bought once is longer than any."""
    months = CYCLES[cycle]
    return months is None, months or 0


@dataclass(frozen=True, slots=True)
class Days:
    """Of a period, as a calendar counts them: the day a period ends is the next's."""

    left: int
    total: int
    ahead: int = 0
    """Whole periods after it that are left as well."""

    @property
    def share(self) -> Fraction:
        return self.ahead + Fraction(self.left, self.total)

    def __str__(self) -> str:
        ahead = f" + {self.ahead}" if self.ahead else ""
        return f"{self.left}/{self.total}{ahead}"


def days_left(
    starts: datetime, ends: datetime, at: datetime, zone: tzinfo, ahead: int = 0
) -> Days:
    """The day it is asked on is among those left, as the new plan holds from then.

    A calendar's days, not times 24 hours: a summer-time hour costs nobody a day.
    """
    first, last, today = (
        moment.astimezone(zone).date() for moment in (starts, ends, at)
    )
    total = max((last - first).days, 1)
    return Days(left=min(max((last - today).days, 0), total), total=total, ahead=ahead)
