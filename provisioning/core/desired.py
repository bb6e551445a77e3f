"""From an account's services to the state its backend should be in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provisioning.core import acting, tallies
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.entitlements import Entitlements, combine
from provisioning.core.events import Hold
from provisioning.core.quotas import Allowance


@dataclass(frozen=True, slots=True)
class State:
    """An account's levels, as they are or as they should be."""

    on: bool
    entitlements: Entitlements


def desired(
    account: Account, catalog: Catalog, at: datetime | None = None
) -> State | None:
    """None: no service lives that would need an account.

    *at*: with the coupons and umbrellas that act then; without it, as what it was sold.

    A held service keeps its entitlements, so that it resumes as it was; an ended one
    gives them up. Where a package is gone from the catalog the levels stay as they are.
    """
    alive = [s for s in account.services if s.alive]
    if not any(_carries(service, catalog) for service in alive):
        return None
    running = [s for s in alive if not _holds(account, s, catalog, at)]
    on = any(_carries(service, catalog) for service in running)
    counting = running if on else alive
    layers = [_layer(account, service, catalog, at) for service in counting]
    known = [layer for layer in layers if layer is not None]
    return State(on, _laid(known) if len(known) == len(layers) else {})


def _laid(layers: list[Entitlements]) -> Entitlements:
    """Quotas in one order, whichever service was first: they are compared."""
    return {
        name: tuple(sorted(value)) if isinstance(value, tuple) else value
        for name, value in combine(layers).items()
    }


def _carries(service: Service, catalog: Catalog) -> bool:
    """An add-on alone keeps no account; what is not known any more may be a package."""
    package = catalog.package_of(service)
    return package is None or not package.addon


def _holds(
    account: Account, service: Service, catalog: Catalog, at: datetime | None
) -> tuple[Hold, ...]:
    return acting.holds(account, service, catalog, at) if at else service.holds


def _layer(
    account: Account, service: Service, catalog: Catalog, at: datetime | None
) -> Entitlements | None:
    """What it brings to its account; None where nobody knows."""
    if at and (account.activations or account.umbrellas):
        sold = acting.limits(account, service, catalog, at)
    else:
        sold = tallies.sold(service, catalog, account.group)
    if sold is None:
        return None
    return {
        name: tallies.told(service, name, value, account)
        if isinstance(value, Allowance)
        else value
        for name, value in sold.items()
    }
