"""What a coupon does to the time of a service: before and after, drawn and in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from markupsafe import Markup

from bridge.web.shop import called, drawn
from bridge.web.shop.his import plainly
from bridge.web.shop.visit import Visit
from provisioning.core import acting
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.sentences import Sentence
from provisioning.core.splice import Activation, Film, Segment, cut
from provisioning.core.terms import Mode

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One stretch of time; *kind*: what gives the plan then."""

    starts: datetime
    ends: datetime | None
    lasts: str
    package: str
    kind: str


@dataclass(frozen=True, slots=True)
class Course:
    """A service's time from now on; *ends*: of what is paid for."""

    picture: Markup
    rows: tuple[Row, ...]
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Preview:
    package: str
    until: datetime
    before: Course
    after: Course
    moves: str | None
    """By how much the end of what is paid for moves; None: it stays."""

    days: int
    """Whole days of that, by which the due date moves at once."""

    banked: str | None
    """What of it is kept until it makes a whole day (D1)."""

    note: str | None


def preview(
    visit: Visit, was: Account, now: Activation, catalog: Catalog, note: Sentence | None
) -> Preview:
    sold = was.service(now.service)
    if sold is None:
        raise LookupError(f"{now.service} is no service of {was.id}")
    will = replace(was, activations=(*was.activations, now))
    films = [_from(account, sold, catalog, now.at) for account in (was, will)]
    ends = drawn.last(films, now.at)
    before, after = (
        _course(visit, account, sold, catalog, film, now.at, ends, about)
        for account, film, about in zip(
            (was, will),
            films,
            (visit.say("Time before the coupon"), visit.say("Time with the coupon")),
            strict=True,
        )
    )
    pushes = now.mode is Mode.EXTEND and before.ends is not None
    bank = acting.banked(will, sold, catalog)
    left = bank.left - timedelta(days=bank.push)
    said = visit.speech
    return Preview(
        package=now.package,
        until=now.ends,
        before=before,
        after=after,
        moves=said.lasting(now.lasts) if pushes else None,
        days=bank.push if pushes else 0,
        banked=said.lasting(left) if pushes and left else None,
        note=plainly(visit, note),
    )


def _from(account: Account, sold: Service, catalog: Catalog, at: datetime) -> Film:
    """What is to come of it: the past is as it was."""
    return cut(acting.along(account, sold, catalog).film, at)[1]


def _course(
    visit: Visit, account: Account, sold: Service, catalog: Catalog, film: Film,
    at: datetime, ends: datetime, about: str,
) -> Course:  # fmt: skip
    return Course(
        drawn.film(about, film, at, ends),
        tuple(_row(visit, segment) for segment in film),
        acting.along(account, sold, catalog).paid_until,
    )


def _row(visit: Visit, part: Segment) -> Row:
    kind, lasts = called.kind(part), ""
    if part.lasts:
        lasts = visit.speech.lasting(_about(part.lasts))
    elif kind == called.COMING:
        lasts = called.cycles(visit.speech)[part.base.sold.cycle]
    return Row(part.starts, part.ends, lasts, part.package, kind)


def _about(lasts: timedelta) -> timedelta:
    """To the hour, or the minute: from when to when stands beside it."""
    to = HOUR if lasts >= timedelta(days=1) else MINUTE
    return max(round(lasts / to), 1) * to
