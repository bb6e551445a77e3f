"""From an account's services to the state its backend should be in."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.core.account import Account
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
    if not alive:
        return None
    running = [s for s in alive if not s.holds]
    sold = [catalog.packages.get(service.package) for service in running or alive]
    known = [package.entitlements for package in sold if package]
    return State(bool(running), combine(known) if len(known) == len(sold) else {})
