"""Extra capacity: when it was bought, how much the plans allow, and what is trimmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from provisioning.core import acting, lifecycle
from provisioning.core.account import EXTRAS, LIFE, QUANTITY, Account, Service
from provisioning.core.bought import left, less
from provisioning.core.catalog import Catalog
from provisioning.core.clearing import Purchase, dated, excess, trimmed, trims_at
from provisioning.core.entitlements import CAPACITIES
from provisioning.core.kept import Extra


def counted(account: Account, catalog: Catalog, at: datetime) -> Account:
    """With every purchase at its own moment; what was ended is off the oldest."""
    for service in account.services:
        now = _counted(service, catalog, at)
        if now != service.bought:
            account = account.with_service(replace(service, bought=now))
    return account


def reckoned(
    before: Account, account: Account, catalog: Catalog, at: datetime
) -> Account:
    """Since when too much is bought; and without it, once its time is over (C14).

    Not while it is only looked at: what is above the limit then was so before us.
    """
    if account.observed_at or not any(s.bought for s in account.services):
        return replace(account, over={}) if account.over else account
    over = {
        name: account.over.get(name) or dated(_said(before, account), at)
        for name, most in limits(account, catalog, at).items()
        if excess(purchases(account, name, catalog), most)
    }
    account = replace(account, over=over) if over != account.over else account
    return _trimmed(account, catalog, at)


def limits(account: Account, catalog: Catalog, at: datetime) -> dict[str, int]:
    """By capacity: the most that may be bought beside its plans; not named: any."""
    each = [_most(account, s, catalog, at) for s in account.services if s.alive]
    plans = [most for most in each if most is not None]
    named = (name for name in CAPACITIES if plans and all(name in p for p in plans))
    return {name: sum(plan[name] for plan in plans) for name in named}


def purchases(
    account: Account, capacity: str, catalog: Catalog
) -> tuple[Purchase, ...]:
    """What is left of each, by service and its place there."""
    return tuple(
        Purchase(ref, units, extra.at)
        for service in account.services
        for ref, extra in (_each(service) if service.alive else ())
        if (units := left(service, extra, capacity, catalog))
    )


def _counted(service: Service, catalog: Catalog, at: datetime) -> tuple[Extra, ...]:
    if not (service.extras or service.bought or _is_addon(service, catalog)):
        return ()
    itself = ((service.package, service.quantity),)
    own = itself if _is_addon(service, catalog) else ()
    told = dict((*own, *service.extras))
    bought = tuple(extra for extra in service.bought if extra.name in told)
    for name, many in told.items():
        more = many - sum(extra.many for extra in bought if extra.name == name)
        if not _has_capacity(service, name, catalog):
            continue
        if more > 0:
            bought = (*bought, Extra(name, more, _moment(service, name, at)))
        elif more < 0:
            bought = _fewer(service, bought, name, -more, catalog)
    return bought


def _has_capacity(service: Service, name: str, catalog: Catalog) -> bool:
    package = catalog.package_of(service, name)
    holds = package.entitlements if package else {}
    return any(each in holds for each in CAPACITIES)


def _is_addon(service: Service, catalog: Catalog) -> bool:
    package = catalog.package_of(service)
    return package is not None and package.addon


def _moment(service: Service, name: str, at: datetime) -> datetime:
    """When it was last said how many; of what was scheduled, when that began."""
    topic = QUANTITY if name == service.package else EXTRAS
    mark = service.marks.get(topic) or service.marks.get(LIFE)
    coming = service.next
    if mark and coming and coming.turned and coming.order == mark.order:
        return coming.turned
    return mark.order.occurred_at if mark else at


def _fewer(
    service: Service, bought: tuple[Extra, ...], name: str, off: int, catalog: Catalog
) -> tuple[Extra, ...]:
    """The oldest go first."""
    rest = []
    for extra in sorted(bought, key=lambda extra: extra.at):
        gone = min(off, extra.many) if extra.name == name else 0
        off -= gone
        if gone < extra.many:
            rest.append(less(service, extra, gone, catalog) if gone else extra)
    return tuple(rest)


def _most(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> dict[str, int] | None:
    """By its plan, or what acts over that; None: it is no plan, and allows nothing."""
    if _is_addon(service, catalog):
        return None
    allowed = [p.most_extra for p in acting.packages(account, service, catalog, at)]
    named = (name for name in CAPACITIES if all(name in each for each in allowed))
    return {name: max(each[name] for each in allowed) for name in named if allowed}


def _said(before: Account, account: Account) -> datetime | None:
    """When it was that was heard just now."""
    each = (
        lifecycle.newly_said(before.service(service.ref), service)
        for service in account.services
    )
    return max((said for said in each if said), default=None)


def _trimmed(account: Account, catalog: Catalog, at: datetime) -> Account:
    due = {name for name, since in account.over.items() if trims_at(since) <= at}
    for name in due:
        most = limits(account, catalog, at)[name]
        kept = trimmed(purchases(account, name, catalog), most)
        stays = {purchase.ref: purchase.units for purchase in kept}
        for service in account.services:
            bought = tuple(
                _without(extra, name, left(service, extra, name, catalog) - rest, at)
                if (rest := stays.get(ref)) is not None
                else extra
                for ref, extra in _each(service)
            )
            account = account.with_service(replace(service, bought=bought))
    over = {name: since for name, since in account.over.items() if name not in due}
    return replace(account, over=over) if due else account


def _without(extra: Extra, capacity: str, units: int, at: datetime) -> Extra:
    if not units:
        return extra
    known = dict(extra.trimmed)
    known[capacity] = known.get(capacity, 0) + units
    return replace(extra, trimmed=tuple(sorted(known.items())), trimmed_at=at)


def _each(service: Service) -> Iterator[tuple[str, Extra]]:
    for no, extra in enumerate(service.bought):
        yield f"{service.ref}/{no:04}", extra
