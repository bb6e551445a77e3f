"""What a better package gives on top, in periods that are paid for already."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core import lifecycle, period
from provisioning.core import purse as purses
from provisioning.core.account import Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.credit import raised
from provisioning.core.events import Event
from provisioning.core.heard import Heard, Ledger


def better(
    heard: Heard,
    event: Event,
    service: Service,
    package: Package,
    since: datetime,
    ledger: Ledger,
) -> Heard:
    """With what the package gives on top in the periods that are not over then."""
    until = lifecycle.replaced_at(service, event)
    for paid in period.between(service.periods, since, until):
        heard = in_period(heard, event, service, package, paid, ledger)
    return heard


def in_period(
    heard: Heard,
    event: Event,
    service: Service,
    package: Package,
    paid: period.Period,
    ledger: Ledger,
) -> Heard:
    if paid.baseline:
        return heard  # Nothing of it was granted here: nobody knows what is more.
    given = heard.given(ledger)
    purse = heard.account.purse
    pot = purse.pots.get(service.ref) if purse else None
    if package.reckons and not purses.is_granted(service.ref, paid.no, pot, given):
        return heard  # All of it comes due by itself, when its time begins.
    claims = raised(event, service.ref, package, paid, given, pot)
    if not claims:
        return heard
    account = purses.raised(heard.account, service.ref, claims[0].money.amount)
    return replace(heard, account=account, bookings=heard.bookings + claims)


def due_before(
    heard: Heard, event: Event, until: datetime, ledger: Ledger, catalog: Catalog
) -> Heard:
    """What came due of the old package is granted as that."""
    service = heard.account.service(event.service)
    if service is None or not lifecycle.is_news(service, event):
        return heard
    given = heard.given(ledger)
    account, claims = purses.due_until(heard.account, service, catalog, given, until)
    return replace(heard, account=account, bookings=heard.bookings + claims)


def counting(before: Heard, after: Heard) -> Heard:
    """The word may be old, but it brought money."""
    return after if after.bookings == before.bookings else after.counts()
