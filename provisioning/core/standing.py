"""How a service stands at a moment: what it is sold as, and what acts over that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provisioning.core.account import Service
from provisioning.core.events import Hold
from provisioning.core.splice import Activation, Base
from provisioning.core.terms import Family, Terms, Umbrella
from provisioning.core.timebank import Renewal
from provisioning.core.timeline import Timeline
from provisioning.core.umbrellas import Acting, floor

UNTOLD = Renewal()


@dataclass(frozen=True, slots=True)
class Rung:
    """Where a service stands on the ladder of its family."""

    family: Family
    own: int
    """The rank of its plan."""

    umbrella: Umbrella | None
    """The best that acts on it."""

    @property
    def rank(self) -> int:
        """The better of the two; a coupon that runs does not count (B9, D2)."""
        return min(self.own, self.umbrella.rank) if self.umbrella else self.own


@dataclass(frozen=True, slots=True)
class Standing:
    service: Service
    at: datetime
    base: Base
    rung: Rung | None
    """None: its package is on no ladder, and nothing can act over it."""

    running: tuple[Activation, ...]
    until: datetime | None
    """When the coupons that run are over."""

    renewal: Renewal
    holds: tuple[Hold, ...]
    """Why it is off then."""

    group: str | None = None
    """The customer's."""


def standing(
    service: Service,
    timeline: Timeline,
    acting: tuple[Acting, ...],
    terms: Terms,
    at: datetime,
    renewal: Renewal = UNTOLD,
    holds: tuple[Hold, ...] | None = None,
    group: str | None = None,
) -> Standing:
    """*holds*: where those that were said are not all, or do not all count."""
    base, running = timeline.base_at(at), timeline.running(at)
    ends = (timeline.ends_of(coupon) for coupon in running)
    until = max((end for end in ends if end), default=None)
    rung = _rung(base.sold.package, acting, terms, at)
    off = service.holds if holds is None else holds
    return Standing(service, at, base, rung, running, until, renewal, off, group)


def _rung(
    package: str, acting: tuple[Acting, ...], terms: Terms, at: datetime
) -> Rung | None:
    family = terms.family_of(package)
    if family is None:
        return None
    umbrella = floor(acting, family.name, terms, at)
    return Rung(family, terms.ladders[package].rank, umbrella)
