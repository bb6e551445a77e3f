"""How many free minutes, messages and pages each service was given, and gets now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from provisioning.core import acting
from provisioning.core.account import Account, Service
from provisioning.core.bought import taken
from provisioning.core.catalog import Catalog
from provisioning.core.entitlements import Value, combine
from provisioning.core.intervals import begun, coming
from provisioning.core.offered import offered
from provisioning.core.period import between
from provisioning.core.quotas import Allowance, Quota, Quotas, Tally

NONE = Tally(given=0, most=0, since=(0, 0))


def sold(
    service: Service, catalog: Catalog, group: str | None = None
) -> dict[str, Value] | None:
    """Its package, so many times, with its add-ons, as customers of that group have
    it; None where one is not known."""
    terms = acting.terms(service, catalog)
    named = ((service.package, service.quantity), *service.extras)
    packages = [(catalog.package_of(service, name), n) for name, n in named]
    known = [offered(p, quantity, group, terms) for p, quantity in packages if p]
    if len(known) != len(packages):
        return None
    sold = combine(known)
    for name, units in taken(service, catalog).items():
        sold[name] -= units
    return sold


def counted(account: Account, catalog: Catalog, at: datetime) -> Account:
    """The account with all that has come due by then."""
    tallies = dict(account.tallies)
    for service, name, allowance in _allowances(account, catalog):
        known = tallies.get((service.ref, name), NONE)
        now = _given(known, service, allowance, at)
        if now != known:
            tallies[service.ref, name] = now
    return account if tallies == account.tallies else replace(account, tallies=tallies)


def told(service: Service, name: str, allowance: Allowance, account: Account) -> Quotas:
    """As the platform is told; nothing before anything was given."""
    tally = account.tallies.get((service.ref, name))
    if tally is None:
        return ()
    reset, cap = allowance.reset, allowance.cap
    return (Quota(service.ref, tally.given, tally.since, reset, cap),)


def next_starts(
    account: Account, catalog: Catalog, at: datetime
) -> dict[str, datetime]:
    """By key: when more comes due, without anybody saying so."""
    found = {}
    for service, name, allowance in _allowances(account, catalog):
        if first := coming(service, allowance.every, at):
            (no, interval), starts = first
            found[f"{service.ref}/{name}/{no}/{interval}"] = starts
    return found


def _allowances(
    account: Account, catalog: Catalog
) -> Iterator[tuple[Service, str, Allowance]]:
    for service in account.services:
        if not service.alive or not _gives(service, catalog):
            continue
        for name, value in (sold(service, catalog) or {}).items():
            if isinstance(value, Allowance):
                yield service, name, value


def _gives(service: Service, catalog: Catalog) -> bool:
    """Most give none: they are not added up for it."""
    names = (service.package, *(name for name, _ in service.extras))
    packages = (catalog.package_of(service, name) for name in names)
    return any(package and package.allowances for package in packages)


def _given(tally: Tally, service: Service, allowance: Allowance, at: datetime) -> Tally:
    """What is reset is given once, however many intervals nobody looked for."""
    granted = {tally.since[0]}
    places = begun(service, allowance.every, at, after=tally.since, granted=granted)
    if places:
        times = 1 if allowance.reset else len(places)
        given = tally.given + times * allowance.quota
        return Tally(given, allowance.quota, places[-1])
    more = allowance.quota - tally.most
    if more > 0 and _lasts(tally, service, at):
        return Tally(tally.given + more, allowance.quota, tally.since)
    return tally


def _lasts(tally: Tally, service: Service, at: datetime) -> bool:
    """Whether the paid period it was given for is under way."""
    return any(paid.no == tally.since[0] for paid in between(service.periods, at))
