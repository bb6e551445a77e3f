"""Which plan a service has when: what is paid for, what comes next, what runs over it.

Made anew from what is known each time it is asked for; nothing of it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from provisioning.core import scheduled
from provisioning.core.account import ENDED, ENDING, Service
from provisioning.core.catalog import Catalog
from provisioning.core.period import CYCLES, end_of
from provisioning.core.shown import Push
from provisioning.core.splice import (
    Activation,
    Base,
    Film,
    Segment,
    Sold,
    Why,
    cut,
    sold_as,
    splice,
    void,
)
from provisioning.core.terms import Terms
from provisioning.core.trial import Trial

UNPAID = {Why.TRIAL, Why.FREE}
"""What ends where something paid begins."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a service was sold for, with the dates of its platform."""

    starts: datetime
    ends: datetime | None
    base: Base


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The next renewal package (C11): not now, but where what is paid for ends.

    *after*: the ordinal of the paid period it follows; None: the last there is.
    """

    sold: Sold
    after: int | None = None
    why: Why = Why.PAID


@dataclass(frozen=True, slots=True)
class Switch:
    """A change that took effect at once (C6)."""

    at: datetime
    sold: Sold


@dataclass(frozen=True, slots=True)
class End:
    """It was terminated: what was left of its coupons is void (D7)."""

    at: datetime


Step = Switch | Activation | End


@dataclass(frozen=True, slots=True)
class Course:
    """What is known of one service."""

    sold: Sold
    """As what it is sold now."""

    stretches: tuple[Stretch, ...] = ()
    scheduled: tuple[Scheduled, ...] = ()
    steps: tuple[Step, ...] = ()
    pushes: tuple[Push, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    film: Film
    unpaid: Base
    """What holds where no segment does."""

    nominal_until: datetime | None
    """Until when it is paid for, had no coupon ever moved anything."""

    def segment_at(self, at: datetime) -> Segment | None:
        return next((s for s in self.film if s.holds(at)), None)

    def base_at(self, at: datetime) -> Base:
        """What a coupon measures itself from, and leaves to resume after it."""
        found = self.segment_at(at)
        return found.base if found else self.unpaid

    def running(self, at: datetime) -> tuple[Activation, ...]:
        found = self.segment_at(at)
        return found.over if found else ()

    def ends_of(self, coupon: Activation) -> datetime | None:
        """Later than it says where others are spliced into it; None: it is void."""
        return next((s.ends for s in reversed(self.film) if coupon in s.over), None)

    def end_of(self, no: int) -> datetime | None:
        """Of a paid period, with all that its coupons pushed aside."""
        ends = [s.ends for s in self.film if s.base.no == no and s.uses]
        return ends[-1] if ends else None

    @property
    def tried_until(self) -> datetime | None:
        """The end of its trial, where it had one."""
        ends = [s.ends for s in self.film if s.base.why is Why.TRIAL]
        return ends[-1] if ends else None

    @property
    def paid_until(self) -> datetime | None:
        """None: nothing is paid for, or without an end."""
        return paid_until(self.film)

    @property
    def shifted(self) -> timedelta:
        """By how much its coupons moved the end of what is paid for."""
        if self.paid_until is None or self.nominal_until is None:
            return timedelta(0)
        return self.paid_until - self.nominal_until

    @property
    def base_time(self) -> timedelta | None:
        """How long its own plans last, all told; None: for ever."""
        lasts = [s.lasts for s in self.film if s.uses]
        return None if None in lasts else sum(filter(None, lasts), timedelta(0))

    @property
    def turns(self) -> tuple[datetime, ...]:
        """When a coupon begins or ends: limits may change by themselves."""
        covered = [s for s in self.film if s.over]
        edges = {edge for s in covered for edge in (s.starts, s.ends) if edge}
        return tuple(sorted(edges))


def timeline(course: Course) -> Timeline:
    """Switches, coupons and ends as they happened, over what the platform dated."""
    laid = _laid(course)
    film, unpaid = _with_next(laid, course.scheduled), Base(course.sold, Why.GRACE)
    for step in sorted(course.steps, key=lambda s: s.at):
        match step:
            case Switch(at, sold):
                film = sold_as(film, at, sold)
            case End(at):
                film = void(film, at)
            case _:
                film = splice(film, step, unpaid)
    return Timeline(film, unpaid, paid_until(laid))


def paid_until(film: Film) -> datetime | None:
    ends = [s.ends for s in film if s.base.no is not None]
    return ends[-1] if ends else None


def course(
    service: Service,
    catalog: Catalog,
    terms: Terms,
    *,
    tried: Trial | None = None,
    steps: tuple[Step, ...] = (),
) -> Course:
    """What a service itself tells, and what is known beside it.

    Of what it was before it was last changed a service remembers nothing: where *steps*
    have no switch, all of it reads as what it is now.
    """
    sold = _sold(service, service.package, service.quantity, catalog)
    family = terms.family_of(sold.package)
    why = Why.FREE if family and family.free == sold.package else Why.PAID
    stretches = tuple(
        Stretch(p.starts, p.ends, Base(sold, why, p.no)) for p in service.periods
    )
    if tried:
        free = Stretch(tried.starts, tried.ends, Base(sold, Why.TRIAL))
        stretches = (free, *stretches)
    then = _scheduled(service, catalog, tried)
    steps = (*steps, *_ends(service))
    return Course(sold, stretches, then, steps, service.shown.pushes)


def _sold(service: Service, name: str, quantity: int, catalog: Catalog) -> Sold:
    package = catalog.package_of(service, name)
    return Sold(name, package.cycle if package else "once", quantity)


def _scheduled(
    service: Service, catalog: Catalog, tried: Trial | None
) -> tuple[Scheduled, ...]:
    """Its next renewal package, after the paid period that was under way then, or after
    its trial."""
    ends = tried.ends if tried else None
    coming, due = service.next, scheduled.due(service, ends)
    if coming is None or due is None:
        return ()
    many = coming.quantity or service.quantity
    sold = _sold(service, coming.package, many, catalog)
    after = next((p.no for p in service.periods if p.ends == due), None)
    return (Scheduled(sold, after),)


def _ends(service: Service) -> tuple[End, ...]:
    """Not where it was used up: its coupons had their time before that."""
    ended, ending = service.marks.get(ENDED), service.marks.get(ENDING)
    if ended is None or (ending and ending.order == ended.order):
        return ()
    return (End(ended.order.occurred_at),)


def _laid(course: Course) -> Film:
    """One after the other, less the days the platform was made to add."""
    film: Film = ()
    for stretch in sorted(course.stretches, key=lambda s: s.starts):
        later = _before_pushes(stretch, course.pushes)
        if film and (film[-1].ends is None or film[-1].base.why in UNPAID):
            film, _ = cut(film, later.starts)
        # Two that overlap are both paid for: the second begins where the first ends.
        ends = film[-1].ends if film else None
        over = max(ends - later.starts, timedelta(0)) if ends else timedelta(0)
        film = (*film, later.moved(over))
    return film


def _before_pushes(stretch: Stretch, pushes: tuple[Push, ...]) -> Segment:
    no = stretch.base.no or 0
    days = sum(push.days for push in pushes if push.after < no)
    ends = stretch.ends.astimezone(UTC) if stretch.ends else None
    told = Segment(stretch.starts.astimezone(UTC), ends, stretch.base)
    return told.moved(-timedelta(days=days))


def _with_next(film: Film, scheduled: tuple[Scheduled, ...]) -> Film:
    for then in scheduled:
        film = _continued(film, then)
    return film


def _continued(film: Film, then: Scheduled) -> Film:
    """What is paid for beyond becomes it, too; else it is what is yet to be paid."""
    known = [s.ends for s in film if then.after in {None, s.base.no}]
    at = known[-1] if known else None
    if at is None:
        return film
    _, beyond = cut(film, at)
    if beyond:
        return sold_as(film, at, then.sold)
    ends = end_of(film[0].starts, at, CYCLES[then.sold.cycle])
    return (*film, Segment(at, ends, Base(then.sold, then.why)))
