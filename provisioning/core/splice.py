"""A coupon cuts a service's time like film: what it pushes aside resumes after it.

Moments are kept in UTC, so that three hours are three hours in any season (D8).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import takewhile

from provisioning.core.terms import Mode


class Why(StrEnum):
    """What gives a service the plan it has at a time."""

    PAID = "paid"
    TRIAL = "trial"
    FREE = "free"
    COUPON = "coupon"
    GRACE = "grace"
    """Nothing does: it is not paid for, and its platform has not ended it either."""


@dataclass(frozen=True, slots=True)
class Sold:
    """What a service is sold as: so many of a package, for a cycle."""

    package: str
    cycle: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Base:
    """What a coupon runs over, or pushes aside."""

    sold: Sold
    why: Why = Why.PAID
    no: int | None = None
    """The paid period's ordinal; None: not paid, or not yet."""


@dataclass(frozen=True, slots=True)
class Activation:
    """A coupon at work: what was resolved when it began stays so (B9, D6)."""

    coupon: str
    service: str
    at: datetime
    lasts: timedelta
    package: str
    rank: int
    mode: Mode = Mode.EXTEND

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", self.at.astimezone(UTC))

    @property
    def ends(self) -> datetime:
        """Where nothing is spliced into it in turn."""
        return self.at + self.lasts


@dataclass(frozen=True, slots=True)
class Segment:
    """Half-open [starts, ends). *over*: the coupons that run, the newest last."""

    starts: datetime
    ends: datetime | None
    base: Base
    over: tuple[Activation, ...] = ()

    @property
    def package(self) -> str:
        return self.over[-1].package if self.over else self.base.sold.package

    @property
    def why(self) -> Why:
        return Why.COUPON if self.over else self.base.why

    @property
    def pushes(self) -> bool:
        """Whether the base stands still meanwhile."""
        return any(coupon.mode is Mode.EXTEND for coupon in self.over)

    @property
    def uses(self) -> bool:
        """Whether time of the base goes by meanwhile."""
        return not self.pushes and self.base.why is not Why.GRACE

    @property
    def lasts(self) -> timedelta | None:
        return self.ends - self.starts if self.ends else None

    def holds(self, at: datetime) -> bool:
        return self.starts <= at and (self.ends is None or at < self.ends)

    def moved(self, by: timedelta) -> Segment:
        ends = self.ends + by if self.ends else None
        return replace(self, starts=self.starts + by, ends=ends)


Film = tuple[Segment, ...]
"""Segments in their order, none over another."""


def cut(film: Film, at: datetime) -> tuple[Film, Film]:
    """What is before that moment, and what is after it."""
    before = tuple(_until(s, at) for s in film if s.starts < at)
    after = tuple(_since(s, at) for s in film if s.ends is None or at < s.ends)
    return before, after


def splice(film: Film, coupon: Activation, unpaid: Base) -> Film:
    """The film with the coupon in it. *unpaid*: what it runs over where nothing does.

    What follows it moves by exactly as long as it lasts; over an overlay nothing does.
    """
    if coupon.mode is Mode.OVERLAY:
        return _laid_over(film, coupon, unpaid)
    before, after = cut(film, coupon.at)
    running = next((s.base for s in after[:1] if s.holds(coupon.at)), unpaid)
    spliced = Segment(coupon.at, coupon.ends, running, (coupon,))
    return (*before, spliced, *(s.moved(coupon.lasts) for s in after))


def void(film: Film, at: datetime) -> Film:
    """No coupon runs on from then: what it pushed aside comes back by what is left."""
    before, after = cut(film, at)
    return before + tuple(_without_coupons(after))


def sold_as(film: Film, at: datetime, sold: Sold) -> Film:
    """It is that from then on, until it was to become something else anyhow."""
    before, after = cut(film, at)
    was = after[0].base.sold if after else sold
    same = tuple(takewhile(lambda s: s.base.sold == was, after))
    changed = tuple(replace(s, base=replace(s.base, sold=sold)) for s in same)
    return before + changed + after[len(same) :]


def _until(segment: Segment, at: datetime) -> Segment:
    over = segment.ends is not None and segment.ends <= at
    return segment if over else replace(segment, ends=at)


def _since(segment: Segment, at: datetime) -> Segment:
    return replace(segment, starts=max(segment.starts, at))


def _laid_over(film: Film, coupon: Activation, unpaid: Base) -> Film:
    before, rest = cut(film, coupon.at)
    under, after = cut(rest, coupon.ends)
    covered = _filled(under, coupon.at, coupon.ends, unpaid)
    over = tuple(replace(s, over=(*s.over, coupon)) for s in covered)
    return before + over + after


def _filled(
    film: Film, starts: datetime, ends: datetime, unpaid: Base
) -> Iterator[Segment]:
    """The same without gaps: a coupon lasts as long as it says, paid for or not."""
    for segment in film:
        if starts < segment.starts:
            yield Segment(starts, segment.starts, unpaid)
        yield segment
        starts = segment.ends or ends
    if starts < ends:
        yield Segment(starts, ends, unpaid)


def _without_coupons(film: Film) -> Iterator[Segment]:
    back = timedelta(0)
    for segment in film:
        if segment.pushes:
            back += segment.lasts or timedelta(0)
        elif segment.base.why is not Why.GRACE:
            yield replace(segment, over=()).moved(-back)
