"""What a customer is told of his services: each once, by what it tells of.

Some of it follows from a word or a payment, and is seen by how the account was before
it. The rest time brings by itself: that is told once its moment has come, as long as it
is of use to hear.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from provisioning.core import acting
from provisioning.core.account import BOUGHT, LIFE, SOLD, Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.dues import Due, What
from provisioning.core.events import Hold
from provisioning.core.splice import Activation
from provisioning.core.trial import Trial

AHEAD = timedelta(days=3)
"""How long before it ends a customer hears of it."""

LATE = timedelta(days=7)
"""How long what happened by itself is still news: no outage lasts longer."""


class Topic(StrEnum):
    REMINDER = "reminder"
    RENEWED = "renewed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    REVOKE_WARNING = "revoke-warning"
    REVOKED = "revoked"
    """For want of a payment."""

    ENDED = "ended"
    """Because its platform said so."""

    CHANGED = "changed"
    SCHEDULED = "scheduled"
    """It becomes something else with the next period."""

    TURNED = "turned"
    """What was scheduled is done; or a trial ended in Free."""

    TRIAL_ENDING = "trial-ending"
    COUPON_STARTED = "coupon-started"
    COUPON_ENDED = "coupon-ended"
    RENEWAL_READY = "renewal-ready"
    """Its order was made by itself, and waits to be paid."""

    TOPUP_APPLIED = "topup-applied"
    TOPUP_DELAYED = "topup-delayed"


@dataclass(frozen=True, slots=True)
class News:
    """*of*: which of its kind, by an ordinal; never by a moment, which may move."""

    topic: Topic
    service: str
    of: str
    was: tuple[str, int] | None = None
    """What it was before and how many, where that is nowhere kept."""


@dataclass(frozen=True, slots=True)
class Off:
    """Why and since when it is off."""

    of: str
    since: datetime


def news(
    was: Account, now: Account, catalog: Catalog, at: datetime
) -> tuple[News, ...]:
    """What there is to tell by now, of an account that was that before."""
    found: list[News] = []
    for service in now.services:
        if BOUGHT in service.marks:
            continue
        before = was.service(service.ref)
        if before and before.alive:
            found += _said(was, before, now, service, catalog, at)
        if service.alive:
            found += _reached(was, now, service, catalog, at)
    return tuple(dict.fromkeys(found))


def dues(account: Account, service: Service, catalog: Catalog) -> tuple[Due, ...]:
    """When there is something to tell, though nothing happens then."""
    if not service.alive:
        return ()
    owed = acting.owed(account, service, catalog)
    warn, tries = _warning(owed), _trial_to_end(account, service, catalog)
    said = (_before_it_ends(*tries),) if tries else _reminders(owed)
    return (*said, *((warn,) if warn else ()))


def off(account: Account, service: Service, catalog: Catalog, at: datetime
        ) -> Off | None:  # fmt: skip
    """By what it went off first; None while it is on."""
    if not service.alive:
        return None
    held = acting.holds(account, service, catalog, at)
    causes = (_cause(account, service, catalog, hold, at) for hold in held)
    return min(causes, key=lambda cause: cause.since, default=None)


def _said(
    was: Account,
    before: Service,
    now: Account,
    service: Service,
    catalog: Catalog,
    at: datetime,
) -> Iterator[News]:
    """What the words and payments at hand did to it."""
    ref = service.ref
    if not service.alive:
        topic = Topic.REVOKED if service.revoked else Topic.ENDED
        yield News(topic, ref, f"{ref}/word-{service.marks[LIFE].order.arrival}")
        return
    had, has = off(was, before, catalog, at), off(now, service, catalog, at)
    if had and not has:
        yield News(Topic.RESUMED, ref, had.of)
    if has and not had:
        yield News(Topic.SUSPENDED, ref, has.of)
    yield from _renewed(now, before, service)
    yield from _changed(was, before, now, service)


def _renewed(now: Account, before: Service, service: Service) -> Iterator[News]:
    """A first period is an order's; but a trial's is its first payment."""
    known = {period.no for period in before.periods}
    least = 1 if now.trial(service.ref) else 2
    new = [p.no for p in service.periods if p.no not in known and not p.baseline]
    for no in new:
        if no >= least:
            yield News(Topic.RENEWED, service.ref, f"{service.ref}/period-{no}")


def _changed(
    was: Account, before: Service, now: Account, service: Service
) -> Iterator[News]:
    ref, had = service.ref, (before.package, before.quantity)
    coming, came = service.next, before.next
    if coming and not coming.turned and (came is None or came.order != coming.order):
        to = (coming.package, coming.quantity, coming.extras)
        has = (service.package, service.quantity, service.extras)
        if any(a not in (None, b) for a, b in zip(to, has, strict=True)):
            yield News(Topic.SCHEDULED, ref, f"{ref}/word-{coming.order.arrival}")
    if had == (service.package, service.quantity) and before.extras == service.extras:
        return
    trial, tried = now.trial(ref), was.trial(ref)
    if trial and trial.was and tried and not tried.was:
        yield News(Topic.TURNED, ref, f"{ref}/trial", had)
    elif coming and coming.turned and not (came and came.turned):
        yield News(Topic.TURNED, ref, f"{ref}/word-{coming.order.arrival}", had)
    else:
        said = service.marks[SOLD].order.arrival if SOLD in service.marks else 0
        yield News(Topic.CHANGED, ref, f"{ref}/word-{said}", had)


def _reached(
    was: Account, now: Account, service: Service, catalog: Catalog, at: datetime
) -> Iterator[News]:
    """What time brought by itself, and is not too old to be told."""
    ref, owed = service.ref, acting.owed(now, service, catalog)
    due = next((step.at for step in owed if step.what is What.RENEW), at)
    tries = _trial_to_end(now, service, catalog)
    remind = () if tries else _reminders(owed)
    come = [no for no, step in enumerate(remind, 1) if step.at <= at < due]
    for no in come[-1:]:
        yield News(Topic.REMINDER, ref, f"{remind[0].of}/{no}")
    warn = _warning(owed)
    if warn and warn.at <= at:
        put_off = _promises(now, service)
        yield News(Topic.REVOKE_WARNING, ref, f"{warn.of}{put_off}")
    is_off = off(now, service, catalog, at)
    if is_off and at - LATE < is_off.since:
        yield News(Topic.SUSPENDED, ref, is_off.of)
    if not is_off:
        yield from _promised(was, service, catalog, at)
    if tries and _before_it_ends(*tries).at <= at < tries[1]:
        yield News(Topic.TRIAL_ENDING, ref, f"{ref}/trial")
    for coupon in now.activations:
        if coupon.service == ref:
            yield from _of_coupon(coupon, now, service, catalog, at)


def _promised(
    was: Account, service: Service, catalog: Catalog, at: datetime
) -> Iterator[News]:
    """A promise is kept beside all words: it is on again by that alone. Of *was*: once
    it is paid too, it looks as if it had never been off."""
    had_been = was.service(service.ref) or service
    of_it = [p for p in was.promises if p.service == service.ref]
    for no, given in enumerate(of_it):
        if given.given_at <= at < given.given_at + LATE:
            before = replace(was, promises=tuple(of_it[:no]))
            had = off(before, had_been, catalog, given.given_at)
            if had:
                yield News(Topic.RESUMED, service.ref, had.of)


def _of_coupon(
    coupon: Activation, now: Account, service: Service, catalog: Catalog, at: datetime
) -> Iterator[News]:
    ends = acting.along(now, service, catalog).ends_of(coupon)
    if coupon.at <= at < coupon.at + LATE:
        yield News(Topic.COUPON_STARTED, service.ref, coupon.coupon)
    if ends and ends <= at < ends + LATE:
        yield News(Topic.COUPON_ENDED, service.ref, coupon.coupon)


def _reminders(owed: tuple[Due, ...]) -> tuple[Due, ...]:
    """Of a payment; who only tries it hears that the trial ends."""
    return tuple(step for step in owed if step.what is What.REMIND)


def _warning(owed: tuple[Due, ...]) -> Due | None:
    """Not before the payment is due; None where nothing is ever revoked."""
    at = {step.what: step for step in owed}
    if What.REVOKE not in at:
        return None
    revoke = at[What.REVOKE]
    return Due(revoke.of, What.WARN_REVOKE, max(revoke.at - AHEAD, at[What.RENEW].at))


def _trial_to_end(
    account: Account, service: Service, catalog: Catalog
) -> tuple[Trial, datetime] | None:
    """And when; None where nothing is tried, or it is paid for by now."""
    trial = account.trial(service.ref)
    ends = acting.tried_until(account, service, catalog)
    return (trial, ends) if trial and ends and not service.periods else None


def _before_it_ends(trial: Trial, ends: datetime) -> Due:
    """Of a short one when half of it is over."""
    ahead = min(AHEAD, (ends - trial.starts) / 2)
    return Due(f"{trial.service}/trial", What.TRIAL_ENDS, ends - ahead)


def _cause(
    account: Account, service: Service, catalog: Catalog, hold: Hold, at: datetime
) -> Off:
    """A word of its platform; else our own dunning, or its trial's end."""
    spared = [p.until for p in account.promises
              if p.service == service.ref and p.until <= at]  # fmt: skip
    again = _promises(account, service)
    if hold in service.holds:
        order = service.marks[hold].order
        since = max([order.occurred_at, *spared])
        return Off(f"{service.ref}/word-{order.arrival}{again}", since)
    steps = acting.owed(account, service, catalog)
    for step in steps:
        if step.what is What.SUSPEND and step.at <= at:
            return Off(f"{step.of}{again}", step.at)
    tried = acting.tried_until(account, service, catalog) or at
    return Off(f"{service.ref}/trial{again}", max([tried, *spared]))


def _promises(account: Account, service: Service) -> str:
    """What follows once more after a promise was not kept is told once more."""
    given = sum(promise.service == service.ref for promise in account.promises)
    return f"/promise-{given}" if given else ""
