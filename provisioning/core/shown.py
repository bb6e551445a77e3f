"""What a platform shows of a service because we made it: a moved date, a suspension
that waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Push:
    """Whole days by which the platform's due date was moved (D1).

    All it dates later than the paid period *after* has them in it already.
    """

    after: int
    days: int


@dataclass(frozen=True, slots=True)
class Shown:
    pushes: tuple[Push, ...] = ()
    spared: date | None = None
    """The last day on which it does not suspend the service by itself."""

    turns: int = 0
    """How often that was set, or taken back."""


NOTHING = Shown()
