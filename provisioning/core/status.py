"""Active, Trial or Inactive, and why it is the last (P5, D13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provisioning.core.events import Hold
from provisioning.core.trial import Trial


class Status(StrEnum):
    ACTIVE = "active"
    TRIAL = "trial"
    INACTIVE = "inactive"


class Reason(StrEnum):
    CANCELLED = "cancelled"
    ABUSE = "abuse"
    UNPAID = "unpaid"
    STOPPED = "stopped by an admin"
    NOT_ORDERED = "not paid yet"
    BEING_SET_UP = "being set up"


@dataclass(frozen=True, slots=True)
class Facts:
    """*live*: whether the backend, when last read, had it on as it should be."""

    ordered: bool = True
    """Whether its platform has ever said that it is active."""

    ended: bool = False
    holds: frozenset[Hold] = frozenset()
    live: bool = False


WHY_NOT: tuple[tuple[Callable[[Facts], bool], Reason], ...] = (
    (lambda f: f.ended, Reason.CANCELLED),
    (lambda f: not f.ordered, Reason.NOT_ORDERED),
    (lambda f: Hold.ABUSE in f.holds, Reason.ABUSE),
    (lambda f: Hold.MANUAL in f.holds, Reason.STOPPED),
    (lambda f: Hold.BILLING in f.holds, Reason.UNPAID),
    (lambda f: not f.live, Reason.BEING_SET_UP),
)
"""The first that is true is the one that is told."""


def status(
    facts: Facts, trial: Trial | None, at: datetime
) -> tuple[Status, Reason | None]:
    """Exactly one of three. Active only what the backend was seen to be."""
    why = next((reason for holds, reason in WHY_NOT if holds(facts)), None)
    if why:
        return Status.INACTIVE, why
    tries = trial is not None and trial.runs(at)
    return (Status.TRIAL if tries else Status.ACTIVE), None
