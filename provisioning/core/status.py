"""Active, Trial or Inactive, and why it is the last (P5, D13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from provisioning.core import acting
from provisioning.core.account import LIFE, Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.events import Hold
from provisioning.core.sentences import Sentence, say
from provisioning.core.trial import Trial


class Status(StrEnum):
    ACTIVE = "active"
    TRIAL = "trial"
    INACTIVE = "inactive"


class Reason(StrEnum):
    CANCELLED = "cancelled"
    REVOKED = "revoked"
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
    revoked: bool = False
    """Whether that was for want of a payment."""

    holds: frozenset[Hold] = frozenset()
    live: bool = False


WHY_NOT: tuple[tuple[Callable[[Facts], bool], Reason], ...] = (
    (lambda f: f.ended and f.revoked, Reason.REVOKED),
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


def facts(
    account: Account, service: Service, catalog: Catalog, at: datetime, *, live: bool
) -> Facts:
    return Facts(
        ordered=LIFE in service.marks,
        ended=not service.alive,
        revoked=service.revoked,
        holds=frozenset(acting.holds(account, service, catalog, at)),
        live=live,
    )


def trial_of(account: Account, service: Service, catalog: Catalog) -> Trial | None:
    """The one that is not over before its time because it is paid for already."""
    trial, ends = (
        account.trial(service.ref),
        acting.tried_until(account, service, catalog),
    )
    paid = min((p.starts for p in service.periods), default=None)
    if trial is None or ends is None:
        return None
    return replace(trial, ends=min(ends, paid) if paid else ends)


SAYS: dict[Status | Reason, Callable[[], Sentence]] = {
    Status.ACTIVE: lambda: say("status_active"),
    Status.TRIAL: lambda: say("status_trial"),
    Reason.CANCELLED: lambda: say("status_cancelled"),
    Reason.REVOKED: lambda: say("status_revoked"),
    Reason.ABUSE: lambda: say("status_abuse"),
    Reason.UNPAID: lambda: say("status_unpaid"),
    Reason.STOPPED: lambda: say("status_stopped"),
    Reason.NOT_ORDERED: lambda: say("status_not_ordered"),
    Reason.BEING_SET_UP: lambda: say("status_being_set_up"),
}


def told(word: Status, reason: Reason | None) -> Sentence:
    """As people read it: the word, and why it is no better."""
    return SAYS[reason or word]()
