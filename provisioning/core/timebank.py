"""What a platform is told of a moved term: whole days; the rest is kept in a bank (D1).

A platform's due dates are whole days. The bank is what its date falls short of ours by.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from provisioning.core.events import Hold
from provisioning.core.sentences import Sentence, say
from provisioning.core.shown import Push
from provisioning.core.splice import Why
from provisioning.core.terms import Mode
from provisioning.core.timeline import Timeline

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Renewal:
    """How the next payment of a service stands at its platform (D25)."""

    invoiced: bool = False
    """Whether there is an unpaid invoice for it already."""

    movable: bool = False
    """Whether the due date of such an invoice can be moved there."""

    gateway: str | None = None
    """Whose subscription it is, where one charges by its own calendar."""

    @property
    def fixed(self) -> bool:
        return self.gateway is not None or (self.invoiced and not self.movable)


@dataclass(frozen=True, slots=True)
class Bank:
    """*nominal*: when it would be due, had no coupon moved it. *due*: as pushed."""

    nominal: date | None
    due: date | None
    left: timedelta
    """How much longer than that it runs."""

    push: int
    """How many days the platform's date is to be moved now."""


def bank(
    timeline: Timeline, pushes: tuple[Push, ...], renewal: Renewal, zone: str
) -> Bank:
    """Named in the tenant's calendar; nothing is pushed where it would not hold."""
    pushed = sum(push.days for push in pushes)
    left = max(timeline.shifted - pushed * DAY, timedelta(0))
    until = timeline.nominal_until
    nominal = until.astimezone(ZoneInfo(zone)).date() if until else None
    due = nominal + pushed * DAY if nominal else None
    return Bank(nominal, due, left, 0 if renewal.fixed else left // DAY)


def deferred(
    hold: Hold, at: datetime, timeline: Timeline, left: timedelta
) -> datetime | None:
    """When a suspension of that moment counts, where it falls into banked time."""
    until = timeline.paid_until
    if hold is not Hold.BILLING or until is None or not until - left <= at < until:
        return None
    return until


def mode(wanted: Mode, renewal: Renewal, why: Why) -> tuple[Mode, Sentence | None]:
    """What a coupon does to the term, and what is to be said of that before (D25).

    *why*: what gives the service its plan at that moment.
    """
    if wanted is Mode.OVERLAY:
        return wanted, None
    beside = _beside(renewal, why)
    if beside:
        return Mode.OVERLAY, beside
    return wanted, say("coupon_moves_invoice") if renewal.invoiced else None


def _beside(renewal: Renewal, why: Why) -> Sentence | None:
    """Why the term cannot move."""
    if renewal.gateway:
        return say("coupon_beside_gateway", gateway=renewal.gateway)
    if renewal.fixed:
        return say("coupon_beside_invoice")
    return say("coupon_beside_unpaid") if why is Why.GRACE else None
