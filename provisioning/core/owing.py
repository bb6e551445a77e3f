"""What follows while a service is not paid for: reckoned anew each time, never kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core.account import LIFE, OWED, Account, Mark, Service
from provisioning.core.catalog import Catalog
from provisioning.core.dues import Due
from provisioning.core.events import Event
from provisioning.core.lifecycle import ending, sold_at
from provisioning.core.money import Money
from provisioning.core.prices import PriceList
from provisioning.core.promised import Promise, put_off
from provisioning.core.quote import renewal
from provisioning.core.renewals import is_never_due, ladder
from provisioning.core.subscribed import subscribed
from provisioning.core.terms import Family, Terms
from provisioning.core.trial import After, Trial, afterwards


def since(
    service: Service, paid_until: datetime | None, tried_until: datetime | None
) -> datetime | None:
    """When its next payment is due, or was; None where nobody can tell, or never.

    What was brought back is not overdue at once for the time it was gone, nor what was
    Free for the time it was that.
    """
    due = paid_until if service.periods else tried_until
    since_ = [m.order for topic in (LIFE, OWED) if (m := service.marks.get(topic))]
    if due is None or not service.alive or ending(service, tried_until):
        return None
    return max(due, *(order.occurred_at for order in since_))


def begun(was: Service, now: Service, event: Event, catalog: Catalog) -> Service:
    """From when on it is due, where it cost nothing before this word."""
    before, after = catalog.package_of(was), catalog.package_of(now)
    if before and after and is_never_due(before) and not is_never_due(after):
        return now.marked(OWED, Mark(yes=True, order=event.order))
    return now


def steps(
    account: Account, service: Service, catalog: Catalog, due: datetime | None
) -> tuple[Due, ...]:
    """Of our own dunning; nothing where the platform duns (D27)."""
    dunning = catalog.terms.dunning.get(account.source)
    package = catalog.package_of(service)
    if dunning is None or package is None:
        return ()
    no = max((paid.no for paid in service.periods), default=0) + 1
    ladder_ = ladder(service.ref, no, package, due, dunning)
    return put_off(ladder_, promised(account, service))


def promised(account: Account, service: Service) -> Promise | None:
    """The one that is not paid yet."""
    of_it = (p for p in account.promises if p.service == service.ref)
    return next((p for p in of_it if p.paid_at is None), None)


def after_trial(
    service: Service,
    trial: Trial,
    over: datetime | None,
    free: str | None,
    terms: Terms,
    at: datetime,
) -> After | None:
    """What becomes of it, once its trial is over; None before that, and where it was
    sold anew since. *free*: its Free plan, where it can be that."""
    sold = sold_at(service)
    if over is None or at < over or not service.alive:
        return None
    if sold and over <= sold:
        return None
    family = terms.families.get(trial.family, Family(trial.family))
    return afterwards(replace(family, free=free), paid=bool(service.periods))


def debt(
    service: Service,
    trial: Trial | None,
    catalog: Catalog,
    terms: Terms,
    at: datetime,
    group: str | None = None,
) -> Money:
    """What its next period costs, by the terms it was sold by."""
    names = (service.package, *(name for name, _ in service.extras))
    had = {name: p for name in names if (p := catalog.package_of(service, name))}
    prices = PriceList({**catalog.packages, **had}, terms, group)
    return renewal(prices, subscribed(service, prices, at, trial), at).amount_due
