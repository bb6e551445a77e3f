"""A service becomes another package: at once, or when what is paid for is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core import (
    acting,
    approval,
    lifecycle,
    ordered,
    raising,
    scheduled,
    stating,
    trying,
)
from provisioning.core.account import Next, Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.events import Event
from provisioning.core.heard import Fate, Heard, Ledger
from provisioning.core.sentences import Sentence, say


def change(heard: Heard, event: Event, ledger: Ledger, catalog: Catalog) -> Heard:
    """Another package from now on, and what it gives more in the periods not over."""
    was = heard.account.service(event.service)
    if was is None:
        return heard.ruled(event, Fate.PARKED, say("service_unknown"))
    sold = ordered.sold_as(was, event, event.product, catalog)
    wrong = ordered.wrong_package(heard.account, event, sold) or _wrong_change(event)
    wrong = wrong or ordered.wrong_extras(heard.account, event, catalog)
    package = ordered.so_many(heard, event, sold, wrong)
    if not isinstance(package, Package):
        return heard.ruled(event, Fate.PARKED, package)
    if waits := approval.waiting(heard, event, was, catalog):
        return waits
    if event.at_period_end:
        return _put_off(heard, event, was, catalog)
    since = event.occurred_at
    heard = raising.due_before(heard, event, since, ledger, catalog)
    after = stating.state(heard, event, ledger, catalog)
    service = lifecycle.heard(was, event)
    better = raising.better(after, event, service, package, since, ledger)
    return raising.counting(after, better)


def _wrong_change(event: Event) -> Sentence | None:
    if event.besides:
        return say("cannot_deliver", what=", ".join(event.besides))
    return None


def _put_off(heard: Heard, event: Event, service: Service, catalog: Catalog) -> Heard:
    """It becomes that when the period under way is over, where anybody knows when."""
    if stating.used_until(heard.account, service, event) is None:
        return heard.ruled(event, Fate.PARKED, say("change_end_unknown"))
    after = scheduled.noted(service, event, catalog.version)
    if after is None:
        return heard.ruled(event, Fate.SUPERSEDED, say("newer_word"))
    account = heard.account.with_service(lifecycle.reopened(after, event))
    return replace(heard, account=account).ruled(event, Fate.WORKING)


def turned(heard: Heard, until: datetime, ledger: Ledger, catalog: Catalog) -> Heard:
    """Every service is what it was to become by then."""
    for service in heard.account.services:
        trial = heard.account.trial(service.ref)
        due = scheduled.due(service, trial.ends if trial else None)
        begins = acting.becoming(heard.account, service, catalog)
        if service.next and due and begins and begins <= until:
            heard = _turned(heard, service, service.next, due, ledger, catalog)
    return replace(heard, account=trying.over(heard.account, until, catalog))


def _turned(
    heard: Heard,
    service: Service,
    coming: Next,
    due: datetime,
    ledger: Ledger,
    catalog: Catalog,
) -> Heard:
    event = scheduled.told(service, coming, heard.account.source)
    heard = raising.due_before(heard, event, due, ledger, catalog)
    after = lifecycle.heard(service, event)
    if lifecycle.is_sale(service, event):
        sold_by = coming.version or catalog.version
        after = replace(after, version=sold_by, moves_to=None)
    after = replace(after, next=replace(coming, turned=due))
    heard = replace(heard, account=heard.account.with_service(after))
    package = catalog.package_of(after)
    many = package and package.times(after.quantity)
    return raising.better(heard, event, after, many, due, ledger) if many else heard
