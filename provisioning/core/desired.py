"""From an account's services to the state its backend should be in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.entitlements import Entitlements, combine


@dataclass(frozen=True, slots=True)
class State:
    """An account's levels, as they are or as they should be."""

    on: bool
    entitlements: Entitlements


def desired(account: Account, catalog: Catalog) -> State | None:
    """None: no service lives that would need an account.

    A held service keeps its entitlements, so that it resumes as it was; an ended one
    gives them up. Where a package is gone from the catalog the levels stay as they are.
    """
    alive = [s for s in account.services if s.alive]
    if not any(_carries(service, catalog) for service in alive):
        return None
    running = [s for s in alive if not s.holds]
    on = any(_carries(service, catalog) for service in running)
    layers = [layer for s in (running if on else alive) for layer in _of(s, catalog)]
    known = [layer for layer in layers if layer is not None]
    return State(on, combine(known) if len(known) == len(layers) else {})


def _carries(service: Service, catalog: Catalog) -> bool:
    """An add-on alone keeps no account; what is not known any more may be a package."""
    package = catalog.package_of(service)
    return package is None or not package.addon


def _of(service: Service, catalog: Catalog) -> Iterator[Entitlements | None]:
    """Its package, so many times, and its add-ons; None for what nobody knows."""
    for name, quantity in ((service.package, service.quantity), *service.extras):
        package = catalog.package_of(service, name)
        yield package.times(quantity).entitlements if package else None
