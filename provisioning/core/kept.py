"""What an account keeps beside its plan: extra capacity it bought, data it lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Units = tuple[tuple[str, int], ...]
"""So many of each capacity."""


@dataclass(frozen=True, slots=True)
class Extra:
    """So many of an add-on that holds capacity, bought then."""

    name: str
    many: int
    at: datetime
    trimmed: Units = ()
    """What was taken of it, because it was above the plan's limit."""

    trimmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Locked:
    """What nothing is left of since then: the data kept by it goes.

    *since*: None, while something gives it for now that nobody bought, as a coupon.
    """

    feature: str
    since: datetime | None
    gone_at: datetime | None = None
    """When its data was seen to be deleted."""

    because: str | None = None
    """Where a person deleted it, what he said."""


@dataclass(frozen=True, slots=True, order=True)
class Deletion:
    """The same, as a platform is told it: a level."""

    name: str
    at: datetime
    """When it is deleted, if nothing comes between."""

    done: bool = False
    """Whether it is to be deleted by now."""

    def __str__(self) -> str:
        word = "deleted" if self.done else "to be deleted"
        return f"{self.name} {word} {self.at:%Y-%m-%d}"


Deletions = tuple[Deletion, ...]
"""Of an account, by name."""
