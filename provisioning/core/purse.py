"""Which part of a balance is free credit that ends: burned first, reset or capped.

A backend keeps one balance and knows no parts of it. So it is reckoned here, each time
such credit comes due: what has gone since the last time went out of the pots first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.credit import Claim, Given, Kind, free_key, place
from provisioning.core.intervals import begun, coming
from provisioning.core.money import Money
from provisioning.core.period import Place
from provisioning.core.pots import Pot, Purse


@dataclass(frozen=True, slots=True)
class Due:
    """Free credit of a service whose time has come, and is not granted yet."""

    service: Service
    package: Package
    places: tuple[Place, ...]

    @property
    def events(self) -> set[str]:
        """What told of the periods this is for."""
        nos = {no for no, _ in self.places}
        periods = self.service.periods
        return {p.event for p in periods if p.no in nos and p.event}


@dataclass(frozen=True, slots=True)
class Balance:
    """What the account holds now, and all that ever arrived there by our books."""

    now: Decimal
    arrived: Decimal


def due(
    account: Account, catalog: Catalog, given: Given, at: datetime
) -> tuple[Due, ...]:
    """Nothing of it is sent yet: how much depends on the balance at the cut-off."""
    return tuple(_due(account, catalog, given, at))


def _due(
    account: Account, catalog: Catalog, given: Given, at: datetime
) -> Iterator[Due]:
    for service, package in _reckoned(account, catalog):
        granted = {found[0] for key in given if (found := place(key, service.ref))}
        after = _last(account, service, given)
        every = package.free.every
        places = begun(service, every, at, after=after, granted=granted)
        if places:
            yield Due(service, package, places)


def due_until(
    account: Account, service: Service, catalog: Catalog, given: Given, at: datetime
) -> tuple[Account, tuple[Claim, ...]]:
    """What came due of a service before then, where no balance need be known for it.

    Before a change is heard: an outage must not turn the old quota into the new one.
    """
    package = catalog.packages.get(service.package)
    rule = package.free if package else None
    if rule is None or rule.reset or rule.cap:
        return account, ()
    alone = replace(account, services=(service,))
    first = next(_due(alone, catalog, given, at), None)
    if first is None:
        return account, ()
    pot = account.purse.pots.get(service.ref) if account.purse else None
    filled, claims = _filled(pot, first, debit=False)
    if account.purse and pot:
        purse = account.purse.with_pot(service.ref, filled)
        account = replace(account, purse=purse)
    return account, claims


def next_starts(
    account: Account, catalog: Catalog, at: datetime
) -> dict[str, datetime]:
    """By key: when free credit comes due next, without anybody saying so."""
    found = {}
    for service, package in _reckoned(account, catalog):
        if first := coming(service, package.free.every, at):
            found[free_key(service.ref, first[0])] = first[1]
    return found


def grant(
    account: Account, dues: tuple[Due, ...], seen: Balance, *, debit: bool
) -> tuple[Account, tuple[Claim, ...]]:
    """The sums, frozen now: what is used from here on is used of the new quota.

    *debit*: the backend takes money back. Where it does not, a quota that is less than
    what is left is netted from what comes due the next time.
    """
    purse = burned(account.purse, seen)
    claims: tuple[Claim, ...] = ()
    for each in dues:
        pot, new = _filled(purse.pots.get(each.service.ref), each, debit)
        purse = purse.with_pot(each.service.ref, pot)
        claims += new
    return replace(account, purse=purse), claims


def is_granted(service: str, no: int, pot: Pot | None, given: Given) -> bool:
    """Whether anything was granted yet for that paid period."""
    places = [found for key in given if (found := place(key, service))]
    return (pot is not None and pot.no >= no) or any(p[0] == no for p in places)


def raised(account: Account, service: str, more: Decimal) -> Account:
    """The account after a better package gave so much on top, where it has a pot."""
    pot = account.purse.pots.get(service) if account.purse else None
    if pot is None or account.purse is None:
        return account
    fuller = replace(pot, left=pot.left + more, quota=pot.quota + more)
    return replace(account, purse=account.purse.with_pot(service, fuller))


def burned(purse: Purse | None, seen: Balance) -> Purse:
    """The purse as it is now: what has gone since went out of the pots first."""
    if purse is None:
        return Purse(seen.now, seen.arrived, MappingProxyType({}))
    used = (seen.arrived - purse.arrived) - (seen.now - purse.balance)
    pots = {}
    for ref in sorted(purse.pots):
        gone = min(max(used, Decimal(0)), purse.pots[ref].left)
        pots[ref] = replace(purse.pots[ref], left=purse.pots[ref].left - gone)
        used -= gone
    return Purse(seen.now, seen.arrived, pots)


def _filled(pot: Pot | None, each: Due, debit: bool) -> tuple[Pot, tuple[Claim, ...]]:
    quota = each.package.free_credit or Money(Decimal(0), "")
    left = pot.left if pot else Decimal(0)
    places = each.places[-1:] if each.package.free.reset else each.places
    claims = []
    for at in places:
        more = _more(each.package, quota.amount, left)
        claims += _claims(each, at, Money(more, quota.currency), debit)
        left += more if more > 0 or debit else 0
    no, interval = each.places[-1]
    return Pot(left, quota.amount, no, interval), tuple(claims)


def _more(package: Package, quota: Decimal, left: Decimal) -> Decimal:
    """D16: reset is the quota; what is kept is kept up to the cap."""
    if package.free.reset:
        return quota - left
    if package.free.cap is None:
        return quota
    return min(quota, max(Decimal(0), package.free.cap.amount - left))


def _claims(each: Due, at: Place, more: Money, debit: bool) -> list[Claim]:
    key, event = free_key(each.service.ref, at), _event(each.service, at)
    if more.amount > 0:
        return [Claim(key, Kind.FREE, more, event)]
    if more.amount < 0 and debit:
        back = Money(-more.amount, more.currency)
        return [Claim(f"{key}/back", Kind.RECALL, back, event)]
    return []


def _event(service: Service, at: Place) -> str:
    """Its period's, or for a later interval its own name: nobody tells of those."""
    no, interval = at
    told = next((p.event for p in service.periods if p.no == no), None)
    return told if told and not interval else free_key(service.ref, at)


def _reckoned(account: Account, catalog: Catalog) -> Iterator[tuple[Service, Package]]:
    for service in account.services:
        package = catalog.packages.get(service.package)
        if service.alive and package and package.reckons:
            yield service, package.times(service.quantity)


def _last(account: Account, service: Service, given: Given) -> Place:
    """The last that was granted, by the pot or, before there was one, by the books."""
    pot = account.purse.pots.get(service.ref) if account.purse else None
    known = [place(key, service.ref) for key in given]
    places = [p for p in known if p] + ([(pot.no, pot.interval)] if pot else [])
    return max(places, default=(0, 0))
