"""What acts over an account's plans: what each service may use, and when that turns.

Most accounts have neither coupon nor umbrella: for them it is what was sold.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core import lifecycle, scheduled
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.effective import Limit, entitlement, explain
from provisioning.core.entitlements import Entitlements
from provisioning.core.events import Hold
from provisioning.core.standing import Standing, standing
from provisioning.core.terms import Terms
from provisioning.core.timebank import deferred
from provisioning.core.timeline import Timeline, course, timeline


def terms(service: Service, catalog: Catalog) -> Terms:
    """The ladder is that by which it was sold, where it was on one by then.

    Coupons and umbrellas are no terms of sale: those of today are for all customers.
    """
    sold = catalog.terms_of(service)
    if sold.family_of(service.package) is None:
        return catalog.terms
    return replace(catalog.terms, families=sold.families, ladders=sold.ladders)


def along(account: Account, service: Service, catalog: Catalog) -> Timeline:
    """The service's time, with its coupons in it."""
    steps = tuple(c for c in account.activations if c.service == service.ref)
    return timeline(course(service, catalog, terms(service, catalog), steps=steps))


def stands(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> Standing:
    lies = along(account, service, catalog)
    return standing(
        service, lies, account.umbrellas, terms(service, catalog), at,
        group=account.group,
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


def ending(account: Account, service: Service, catalog: Catalog) -> datetime | None:
    """When it ends by itself: its coupons moved the end of what is paid for (B6)."""
    ends = lifecycle.ending(service)
    if ends is None or not account.activations:
        return ends
    return ends + along(account, service, catalog).shifted


def becoming(account: Account, service: Service, catalog: Catalog) -> datetime | None:
    """When it is its next renewal package: where the period before that really ends."""
    due = scheduled.due(service)
    if due is None or not account.activations:
        return due
    [period] = [p for p in service.periods if p.ends == due]
    return along(account, service, catalog).end_of(period.no)


def holds(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> tuple[Hold, ...]:
    """Why it is off then: not for what its platform's date falls short of (D1)."""
    if not account.activations or not service.holds:
        return service.holds
    lies = along(account, service, catalog)
    return tuple(hold for hold in service.holds if not _waits(hold, service, lies, at))


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


def _waits(hold: Hold, service: Service, lies: Timeline, at: datetime) -> bool:
    """No date of the platform was ever moved: all of it is banked."""
    since = service.marks[hold].order.occurred_at
    until = deferred(hold, since, lies, lies.shifted)
    return until is not None and at < until
