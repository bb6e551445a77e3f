"""What acts over an account's plans: what each service may use, and when that turns.

Most accounts have neither coupon nor umbrella: for them it is what was sold.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import chain
from operator import is_

from provisioning.core import clearing, effective, lifecycle, owing, scheduled
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.dues import Due, What
from provisioning.core.effective import Limit, entitlement, explain
from provisioning.core.entitlements import Entitlements
from provisioning.core.events import Hold
from provisioning.core.promised import GRACE_ENDS
from provisioning.core.splice import Activation
from provisioning.core.standing import Standing, standing
from provisioning.core.terms import Terms
from provisioning.core.timebank import Bank, Renewal, bank, deferred
from provisioning.core.timeline import Timeline, course, timeline
from provisioning.core.trial import After, Trial

Timed = tuple[tuple[Activation, ...], tuple[Trial, ...], Service, Catalog]
"""All that the time of a service is made of."""


def terms(service: Service, catalog: Catalog) -> Terms:
    """The ladder is that by which it was sold, where it was on one by then.

    Coupons and umbrellas are no terms of sale: those of today are for all customers.
    """
    sold = catalog.terms_of(service)
    if sold is catalog.terms or sold.family_of(service.package) is None:
        return catalog.terms
    return replace(catalog.terms, families=sold.families, ladders=sold.ladders)


def along(account: Account, service: Service, catalog: Catalog) -> Timeline:
    """The service's time, with its coupons in it."""
    of = (account.activations, account.trials, service, catalog)
    for known, lies in _LAID[0]:
        if all(map(is_, known, of)):
            return lies
    steps = tuple(c for c in account.activations if c.service == service.ref)
    ladders, tried = terms(service, catalog), account.trial(service.ref)
    lies = timeline(course(service, catalog, ladders, tried=tried, steps=steps))
    _LAID[0] = ((of, lies), *_LAID[0][:REMEMBERED])
    return lies


REMEMBERED = 8
_LAID: list[tuple[tuple[Timed, Timeline], ...]] = [()]
"""The last ones laid out: a plan asks a dozen times for the same. By identity, since
nothing of it ever changes; replaced as a whole, so that threads are no matter."""


def banked(account: Account, service: Service, catalog: Catalog) -> Bank:
    """What its platform's date falls short of its time by.

    Its days came as midnights in UTC, and are called by that.
    """
    lies = along(account, service, catalog)
    return bank(lies, service.shown.pushes, Renewal(), "UTC")


def stands(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> Standing:
    lies, ladders = along(account, service, catalog), terms(service, catalog)
    return standing(
        service, lies, account.umbrellas, ladders, at,
        holds=holds(account, service, catalog, at), group=account.group,
    )  # fmt: skip


def limits(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> Entitlements | None:
    """What it may use then; None where nobody knows."""
    stood = stands(account, service, catalog, at)
    return entitlement(stood, catalog, terms(service, catalog))


def explained(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> tuple[Limit, ...]:
    """What each limit is made of then; nothing where nobody knows."""
    stood = stands(account, service, catalog, at)
    return explain(stood, catalog, terms(service, catalog)) or ()


def packages(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> tuple[Package, ...]:
    """Its plan's, and of what acts over that; none, where nobody knows the plan."""
    names: tuple[str, ...] = (service.package,)
    if account.activations or account.umbrellas:
        stood = stands(account, service, catalog, at)
        names = effective.packages(stood, terms(service, catalog))
    known = [catalog.package_of(service, name) for name in names]
    return tuple(p for p in known if p) if known[0] else ()


def ending(account: Account, service: Service, catalog: Catalog) -> datetime | None:
    """When it ends by itself: its coupons moved the end of what is paid for (B6)."""
    ends = lifecycle.ending(service, _tried(account, service))
    if ends is None or not account.activations:
        return ends
    if not service.periods:
        return tried_until(account, service, catalog)
    return along(account, service, catalog).paid_until


def becoming(account: Account, service: Service, catalog: Catalog) -> datetime | None:
    """When it is its next renewal package: where the period before that really ends."""
    due = scheduled.due(service, _tried(account, service))
    if due is None or not account.activations:
        return due
    if not service.periods:
        return tried_until(account, service, catalog)
    [period] = [p for p in service.periods if p.ends == due]
    return along(account, service, catalog).end_of(period.no)


def holds(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> tuple[Hold, ...]:
    """Why it is off then: what was said and does not wait, and what our own dunning or
    a trial's end says by itself."""
    found = {h for h in service.holds if not _waits(account, service, catalog, h, at)}
    if _unpaid(account, service, catalog, at):
        found.add(Hold.BILLING)
    return tuple(hold for hold in Hold if hold in found)


def since(account: Account, service: Service, catalog: Catalog) -> datetime | None:
    """When its next payment is due, or was, with what its coupons moved."""
    tried = tried_until(account, service, catalog)
    if not account.activations:
        return owing.since(service, service.paid_until, tried)
    return owing.since(service, along(account, service, catalog).paid_until, tried)


def tried_until(
    account: Account, service: Service, catalog: Catalog
) -> datetime | None:
    trial = account.trial(service.ref)
    if not account.activations:
        return trial.ends if trial else None
    return along(account, service, catalog).tried_until


def _tried(account: Account, service: Service) -> datetime | None:
    """The end of its trial, before any coupon moved it."""
    trial = account.trial(service.ref)
    return trial.ends if trial else None


def owed(account: Account, service: Service, catalog: Catalog) -> tuple[Due, ...]:
    """All that is to happen, by our own dunning, while it is not paid for."""
    due = since(account, service, catalog)
    return owing.steps(account, service, catalog, due)


def revoking(account: Account, service: Service, catalog: Catalog) -> datetime | None:
    """When it ends for want of a payment; not while it is only looked at."""
    found = (d.at for d in owed(account, service, catalog) if d.what is What.REVOKE)
    return None if account.observed_at else next(found, None)


def free_of(account: Account, service: Service, catalog: Catalog) -> str | None:
    """Its family's Free plan, where this account can be that."""
    family = terms(service, catalog).family_of(service.package)
    name = family.free if family else None
    package = catalog.package_of(service, name) if name else None
    return name if package and account.backend in package.backends else None


def after_trial(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> After | None:
    """What becomes of it by then, where its trial is over."""
    trial = account.trial(service.ref)
    if trial is None:
        return None
    return owing.after_trial(
        service,
        trial,
        tried_until(account, service, catalog),
        free_of(account, service, catalog),
        terms(service, catalog),
        at,
    )


def dues(account: Account, service: Service, catalog: Catalog) -> tuple[Due, ...]:
    """What takes effect without anybody saying so."""
    if not service.alive:
        return ()
    given = tuple(p.due(service.ref) for p in account.promises
                  if p.service == service.ref)  # fmt: skip
    trial, ends = account.trial(service.ref), tried_until(account, service, catalog)
    tried = (replace(trial, ends=ends).due(service.ref),) if trial and ends else ()
    acts = tuple(d for d in owed(account, service, catalog) if d.what in GRACE_ENDS)
    over = account.over.items() if service.bought else ()
    trims = (clearing.trims(f"{service.ref}/{name}", since) for name, since in over)
    gone = clearing.deletions(service.ref, service.locked)
    return (*given, *tried, *acts, *chain.from_iterable(trims), *gone)


def _unpaid(account: Account, service: Service, catalog: Catalog, at: datetime) -> bool:
    """By our own dunning; or it was tried, and there is no Free it could be (D13)."""
    steps = owed(account, service, catalog)
    if any(step.what is What.SUSPEND and step.at <= at for step in steps):
        return True
    package, given = catalog.package_of(service), owing.promised(account, service)
    if package is None or not package.price.amount or (given and at < given.until):
        return False
    return after_trial(account, service, catalog, at) is After.SUSPEND


def turns(account: Account, catalog: Catalog, at: datetime) -> dict[str, datetime]:
    """By key: when limits change, or a hold counts, without anybody saying so."""
    found = {}
    for service in account.services:
        for turn in _turns(account, service, catalog):
            if turn > at and service.alive:
                found[f"{service.ref}/acting/{turn.isoformat()}"] = turn
    return found


def _turns(account: Account, service: Service, catalog: Catalog) -> set[datetime]:
    edges = {edge for u in account.umbrellas for edge in (u.starts, u.ends) if edge}
    if not account.activations:
        return edges
    lies = along(account, service, catalog)
    until = {lies.paid_until} if lies.paid_until else set()
    return edges | {*lies.turns} | until


def _waits(
    account: Account, service: Service, catalog: Catalog, hold: Hold, at: datetime
) -> bool:
    """For a promise to pay (S6), or for what its platform's date falls short of."""
    said = service.marks[hold].order.occurred_at
    given = (p for p in account.promises if p.service == service.ref)
    if hold is Hold.BILLING and any(p.spares(said, at) for p in given):
        return True
    if not account.activations:
        return False
    lies, left = (
        along(account, service, catalog),
        banked(account, service, catalog).left,
    )
    until = deferred(hold, said, lies, left)
    return until is not None and at < until
