"""A customer somebody else opened an account for, as it becomes one of ours.

Its service lives as the operator says, and the period it is in was paid for and granted
elsewhere: from the next one on it is ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from provisioning.core.account import LIFE, QUANTITY, SOLD, Account, Mark, Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.desired import State
from provisioning.core.events import Hold, Order
from provisioning.core.period import CYCLES, Period, months_after
from provisioning.core.quotas import Allowance

WORDS = ("no", "yes")


@dataclass(frozen=True, slots=True)
class Customer:
    """What the operator says of one service."""

    source: str
    service: str
    package: str
    backend: str
    client: str | None = None
    email: str | None = None
    quantity: int = 1
    suspended: bool = False
    paid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Whose account it is at the backend."""

    remote: str
    username: str


def adopted(
    customer: Customer, found: Found, catalog: Catalog, at: datetime
) -> Account:
    """The account, without a name of ours; nothing is due on it."""
    # Anything newer than the moment from which the source is ours overrides the file.
    told = Order(min(catalog.live_from.get(customer.source, at), at), 0, 0)
    said = Mark(yes=True, order=told)
    topics = [LIFE, SOLD, QUANTITY] + [Hold.BILLING] * customer.suspended
    sold = Service(
        customer.service,
        customer.package,
        dict.fromkeys(topics, said),
        (_baseline(catalog.packages[customer.package], customer, told.occurred_at),),
        customer.quantity,
    )
    return Account(
        id="",
        source=customer.source,
        backend=customer.backend,
        currency=catalog.currencies[customer.backend],
        username=found.username,
        client=customer.client,
        email=customer.email,
        remote=found.remote,
        services=(sold,),
        observed_at=at,
    )


def _baseline(package: Package, customer: Customer, since: datetime) -> Period:
    """The paid period it is in. Where that began is only a guess."""
    months, ends = CYCLES[package.cycle], customer.paid_until
    starts = months_after(ends, -months) if months and ends else since
    return Period(1, starts, ends, told=False, baseline=True)


def wrong(customer: Customer, catalog: Catalog) -> str | None:
    """Why this cannot be adopted as it is said, and what to do."""
    package = catalog.packages.get(customer.package)
    if customer.source not in catalog.live_from:
        return (
            f"say from when on [sources.{customer.source}] is ours, as in live_from ="
            " 2026-12-01T00:00:00Z: what was paid before is never credited here"
        )
    if customer.backend not in catalog.currencies:
        return (
            f'there is no backend "{customer.backend}"; choose one of:'
            f" {', '.join(catalog.currencies)}"
        )
    if package is None or package.addon:
        accounts = (p.name for p in catalog.packages.values() if not p.addon)
        return (
            f'"{customer.package}" is no package with an account; choose one of:'
            f" {', '.join(accounts)}"
        )
    if customer.backend not in package.backends:
        return (
            f'package "{package.name}" is sold on backend'
            f' "{", ".join(package.backends)}", not on "{customer.backend}"; mend the'
            " line, or the configuration"
        )
    if CYCLES[package.cycle] and customer.paid_until is None:
        return (
            f'package "{package.name}" is paid {package.cycle}: say in paid_until when'
            " the next payment is due"
        )
    return None


def differences(
    customer: Customer, seen: State, catalog: Catalog
) -> Iterator[tuple[str, object, object]]:
    """What is there and what should be, by name: it is written after the release."""
    should = catalog.packages[customer.package].times(customer.quantity)
    if seen.on == customer.suspended:
        yield "on", WORDS[seen.on], WORDS[not seen.on]
    for name, value in should.entitlements.items():
        # Of free minutes and the like nothing was given here yet.
        if not isinstance(value, Allowance) and seen.entitlements.get(name) != value:
            yield name, seen.entitlements.get(name), value
