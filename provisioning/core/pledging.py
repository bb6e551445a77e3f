"""A promise to pay for a service: what is owed on it, and whether it is taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from provisioning.core import acting, owing
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.events import Hold
from provisioning.core.money import Money
from provisioning.core.promised import Promise, promise
from provisioning.core.sentences import Sentence, minute, say


def pledged(
    account: Account,
    service: Service,
    catalog: Catalog,
    at: datetime,
    lasts: timedelta,
    by: str,
    because: str,
    group: str | None = None,
) -> Promise | Sentence:
    """One until it is paid, for all of an account. *group*: whose prices hold."""
    if not service.alive:
        return say("promise_ended", service=service.ref)
    names = (service.package, *(name for name, _ in service.extras))
    for name in names:
        if catalog.package_of(service, name) is None:
            return say("promise_unpriced", package=name)
    return promise(
        service.ref,
        _owed(account, service, catalog, at, group),
        lasts,
        at,
        grace=catalog.terms.grace,
        earlier=account.promises,
        by=by,
        because=because,
    )


def kept_on(account: Account, service: Service, at: datetime) -> Sentence | None:
    """Why it is on, though it is not paid for."""
    given = owing.promised(account, service)
    if given is None or not given.holds(at):
        return None
    return say(
        "promised_until", until=minute(given.until), debt=given.debt, by=given.by
    )


def _owed(
    account: Account,
    service: Service,
    catalog: Catalog,
    at: datetime,
    group: str | None,
) -> Money:
    """Nothing, before it is due, where its platform did not say otherwise."""
    due, ladders = (
        acting.since(account, service, catalog),
        acting.terms(service, catalog),
    )
    costs = owing.debt(service, account.trial(service.ref), catalog, ladders, at, group)
    overdue = due is not None and due <= at
    if overdue or Hold.BILLING in service.holds:
        return costs
    return Money(Decimal(0), costs.currency)
