"""What is sold stands on a wire that was probed, or on somebody's word for it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from bridge.store import verdicts
from bridge.store.database import Database
from bridge.store.verdicts import Probed, Verdict, Word, standing
from provisioning.backends.base import Backend, Unproven
from provisioning.core.catalog import Catalog, Package

ALWAYS = ("username", "id", "active", "channels", "balance")
"""What no account can do without; tariff and credit depend on the package."""

Digests = Mapping[str, str]
"""By what has to be proven: of the settings it stands on now."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What one package needs of one backend, and nobody proved."""

    package: str
    backend: str
    what: tuple[str, ...]


def digests(backend: Backend) -> Digests:
    """None at all where a contract says how it is: then nothing has to be proven."""
    wires = backend.wires() if isinstance(backend, Unproven) else {}
    return {what: _digest(wire) for what, wire in wires.items()}


def _digest(wire: object) -> str:
    return sha256(json.dumps(wire, default=str).encode()).hexdigest()[:16]


def of_now(found: Iterable[Verdict], now: Digests) -> list[Verdict]:
    """With the settings each was found under."""
    return [replace(verdict, wire=now.get(verdict.what)) for verdict in found]


def on_their_own(
    hosts: Mapping[str, Backend], accepting: Collection[str]
) -> dict[str, Digests]:
    """Of the backends that are not taken at somebody's word."""
    return {n: digests(host) for n, host in hosts.items() if n not in accepting}


def on_record(database: Database) -> tuple[Mapping[str, Probed], str | None]:
    """What was found out so far; or why nobody knows: then nothing was."""
    file = str(database.url.database)
    if database.embedded and not Path(file).exists():
        return {}, f"{file} is not there yet: no probe is on record"
    try:
        with database.read() as tx:
            return verdicts.latest(tx), None
    except sa.exc.DBAPIError:
        return {}, "the database cannot be read now, so no probe is known"


def needs(package: Package, catalog: Catalog) -> tuple[str, ...]:
    credit = package.free_credit or any(
        topup.credit.currency == catalog.currencies[name]
        for topup in catalog.topups.values()
        for name in package.backends
    )
    tariff = package.entitlements.get("tariff")
    return (
        *ALWAYS,
        *((f"tariff {tariff}",) if tariff else ()),
        *(("credit",) if credit else ()),
    )


def needed(catalog: Catalog, now: Mapping[str, Digests]) -> Mapping[str, Digests]:
    """What must be proven of each backend, for all that is sold there."""
    asked: dict[str, dict[str, str]] = {}
    for package in catalog.packages.values():
        for name in package.backends:
            if known := now.get(name):
                own = asked.setdefault(name, {})
                own |= {what: known[what] for what in needs(package, catalog)}
    return asked


def lacks(
    catalog: Catalog, now: Mapping[str, Digests], probed: Mapping[str, Probed]
) -> list[Lack]:
    """By package and backend."""
    found = [
        Lack(package.name, name, _missing(package, catalog, known, probed.get(name)))
        for package in catalog.packages.values()
        for name in package.backends
        if (known := now.get(name))
    ]
    return [lack for lack in found if lack.what]


def _missing(
    package: Package, catalog: Catalog, now: Digests, probed: Probed | None
) -> tuple[str, ...]:
    return tuple(
        what
        for what in needs(package, catalog)
        if standing(probed, what, now[what]).word is not Word.VERIFIED
    )
