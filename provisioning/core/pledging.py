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
from provisioning.core.renewals import is_never_due
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
    for name in (service.package, *(name for name, _ in service.extras)):
        if catalog.package_of(service, name) is None:
            return say("promise_unpriced", package=name)
    return promise(
        service.ref,
        _owed(account, service, catalog, at, group),
        lasts,
        at,
        grace=catalog.terms.grace,
        earlier=_standing(account),
        by=by,
        because=because,
    )


def _standing(account: Account) -> tuple[Promise, ...]:
    """Of what lives: what ended unpaid is owed no more, and nobody can keep it."""
    alive = {service.ref for service in account.services if service.alive}
    return tuple(given for given in account.promises if given.service in alive)


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
    due = acting.since(account, service, catalog)
    terms, trial = acting.terms(service, catalog), account.trial(service.ref)
    costs = owing.debt(service, trial, catalog, terms, at, group)
    overdue = Hold.BILLING in service.holds or (due is not None and due <= at)
    package = catalog.package_of(service)
    if overdue and package and not is_never_due(package):
        return costs
    return Money(Decimal(0), costs.currency)
