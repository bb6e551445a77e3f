"""A plan tried for nothing: once per account and family, and what comes after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from provisioning.core.dues import Due, What
from provisioning.core.sentences import Sentence, minute, say
from provisioning.core.terms import Family


@dataclass(frozen=True, slots=True)
class Tried:
    """What a service was sold as, before its trial ended in Free."""

    package: str
    quantity: int
    extras: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """It is a family's, not a plan's: an upgrade within it changes nothing of it."""

    family: str
    starts: datetime
    ends: datetime
    service: str = ""
    """With which it began."""

    line: str | None = None
    """The zero-amount line it was ordered by, where it was told: it pays nothing."""

    was: Tried | None = None
    """Set once it ended in Free: paid after all, the service is that again."""

    def runs(self, at: datetime) -> bool:
        return self.starts <= at < self.ends

    def due(self, ref: str) -> Due:
        return Due(f"{ref}/trial", What.TRIAL_OVER, self.ends)


class After(StrEnum):
    """What becomes of a subscription when its trial is over."""

    STAYS = "stays"
    TO_FREE = "to free"
    SUSPEND = "suspend"


AFTER = {
    # paid, main with a Free
    (True, True): After.STAYS,
    (True, False): After.STAYS,
    (False, True): After.TO_FREE,
    (False, False): After.SUSPEND,
}


def begin(
    family: Family,
    tried: tuple[Trial, ...],
    at: datetime,
    service: str = "",
    line: str | None = None,
) -> Trial | Sentence:
    """The trial of a new subscription, or why it has none (D14)."""
    if family.trial is None:
        return say("trial_none", family=family.name)
    had = next((trial for trial in tried if trial.family == family.name), None)
    if had:
        return say("trial_had", family=family.name, ends=minute(had.ends))
    # Of N times 24 hours, whatever clocks do meanwhile: reckoned in UTC.
    return Trial(family.name, at, at.astimezone(UTC) + family.trial, service, line)


def afterwards(family: Family, *, paid: bool) -> After:
    """Unpaid, a main plan goes to Free where there is one; a dependent never does
    (D13, C13)."""
    return AFTER[paid, family.main and family.free is not None]
