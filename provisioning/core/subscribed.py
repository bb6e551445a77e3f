"""An account's service as the rules of change see it: a choice, a running period."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core import scheduled
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.choices import Choice, Scheduled, Subscription
from provisioning.core.period import CYCLES, SLACK, Period, end_of
from provisioning.core.prices import PriceList
from provisioning.core.trial import Trial


def subscribed(
    service: Service, prices: PriceList, at: datetime, tried: Trial | None = None
) -> Subscription:
    """As it is at that moment, as far as its paid periods and its trial tell.

    Who uses it a service does not know: add that.
    """
    periods = tuple(sorted(service.periods, key=lambda p: p.no))
    own = _own(service.package, prices)
    sold = Choice(service.package, own, service.quantity, service.extras)
    if not periods and tried:
        return Subscription(
            service.ref, sold, tried.starts, tried.ends, tried_until=tried.ends,
            next=_next(service, sold, prices, tried.ends), ended=not service.alive,
        )  # fmt: skip
    if not periods:
        return Subscription(service.ref, sold, at, None, ended=not service.alive)
    begun = tuple(p for p in periods if p.starts <= at)
    running = begun[-1] if begun else periods[0]
    ahead = tuple(p for p in periods if p.no > running.no)
    sold = replace(sold, cycle=_cycle(running, periods[0].starts) or own)
    return Subscription(
        service.ref,
        sold,
        running.starts,
        running.ends,
        ahead=len(ahead),
        ahead_until=ahead[-1].ends if ahead else None,
        next=_next(service, sold, prices),
        ended=not service.alive,
    )


def beside(
    account: Account, service: Service, prices: PriceList, at: datetime
) -> tuple[Subscription, ...]:
    """What else lives on its account."""
    others = (s for s in account.services if s.alive and s.ref != service.ref)
    return tuple(
        subscribed(other, prices, at, account.trial(other.ref)) for other in others
    )


def lists(
    service: Service, to: str, catalog: Catalog, group: str | None = None
) -> tuple[PriceList, PriceList]:
    """By which it becomes that package, and by which it was sold.

    The same plan goes on by the terms it was sold by; another is sold by today's.
    """
    names = (service.package, *(extra for extra, _ in service.extras))
    had = {one: p for one in names if (p := catalog.package_of(service, one))}
    sold = PriceList({**catalog.packages, **had}, catalog.terms_of(service), group)
    today = PriceList({**had, **catalog.packages}, catalog.terms, group)
    return (sold if to == service.package else today), sold


def paid_for_by(service: Service, at: datetime, otherwise: str | None) -> str | None:
    """The group by whose prices the period under way was paid; *otherwise*: the
    customer's own, where nothing is paid yet."""
    periods = sorted(service.periods, key=lambda p: p.no)
    begun = [p for p in periods if p.starts <= at] or periods[:1]
    return begun[-1].group if begun else otherwise


def cycle_for(package: str, has: Choice, prices: PriceList) -> str:
    """The one it has goes on, where that package is sold for so long."""
    known = package in prices.packages
    goes_on = known and has.cycle in prices.cycles(package)
    return has.cycle if goes_on else _own(package, prices)


def _own(package: str, prices: PriceList) -> str:
    known = prices.packages.get(package)
    return known.cycle if known else "once"


def _cycle(period: Period, anchor: datetime) -> str | None:
    """The one that is as long as the period is: to the hour they differ where clocks
    were changed meanwhile, and where a platform counts by days."""
    for cycle, months in CYCLES.items():
        ends = end_of(anchor, period.starts, months)
        if ends and period.ends and abs(ends - period.ends) <= SLACK:
            return cycle
    return None


def _next(
    service: Service, sold: Choice, prices: PriceList, tried: datetime | None = None
) -> Scheduled | None:
    """What its platform said it becomes; for the same cycle, where it is sold so."""
    coming, turns = service.next, scheduled.due(service, tried)
    if coming is None or turns is None:
        return None
    cycle = cycle_for(coming.package, sold, prices)
    extras = sold.extras if coming.extras is None else coming.extras
    quantity = coming.quantity or sold.quantity
    return Scheduled(Choice(coming.package, cycle, quantity, extras), turns)
