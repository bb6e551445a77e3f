"""What each purchase of extra capacity holds, and what was trimmed of it."""

from __future__ import annotations

from provisioning.core.account import Service
from provisioning.core.catalog import Catalog
from provisioning.core.kept import Extra


def taken(service: Service, catalog: Catalog) -> dict[str, int]:
    """By capacity: what was trimmed of all its purchases."""
    found: dict[str, int] = {}
    for extra in service.bought:
        for name, units in extra.trimmed:
            off = min(units, holds(service, extra, name, catalog))
            found[name] = found.get(name, 0) + off
    return found


def holds(service: Service, extra: Extra, capacity: str, catalog: Catalog) -> int:
    """As it was bought."""
    package = catalog.package_of(service, extra.name)
    each = package.entitlements.get(capacity) if package else None
    return each * extra.many if isinstance(each, int) else 0


def left(service: Service, extra: Extra, capacity: str, catalog: Catalog) -> int:
    whole = holds(service, extra, capacity, catalog)
    return max(whole - dict(extra.trimmed).get(capacity, 0), 0)


def less(service: Service, extra: Extra, gone: int, catalog: Catalog) -> Extra:
    """With so many fewer: what was trimmed of it goes first."""
    fewer = Extra(extra.name, gone, extra.at)
    rest = (
        (name, units - holds(service, fewer, name, catalog))
        for name, units in extra.trimmed
    )
    trimmed = tuple((name, units) for name, units in rest if units > 0)
    return Extra(extra.name, extra.many - gone, extra.at, trimmed, extra.trimmed_at)
