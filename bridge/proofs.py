"""What is sold stands on a wire that was probed, or on somebody's word for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from bridge.store.verdicts import Probed, Verdict, Word
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


def holds(now: Digests, probed: Probed | None, what: str) -> Verdict:
    """What is known of it under the settings of now."""
    found = probed.verdicts.get(what) if probed else None
    if found is None or found.wire != now.get(what):
        return Verdict(what, Word.UNVERIFIED)
    return found


def needs(package: Package, catalog: Catalog) -> tuple[str, ...]:
    credit = package.free_credit or any(
        topup.credit.currency == catalog.currencies[name]
        for topup in catalog.topups.values()
        for name in package.backends
    )
    tariff = f"tariff {package.entitlements.get('tariff')}"
    return (*ALWAYS, tariff, *(("credit",) if credit else ()))


def lacks(
    catalog: Catalog, now: Mapping[str, Digests], probed: Mapping[str, Probed]
) -> list[Lack]:
    """*now*: of the backends that are not taken at somebody's word."""
    found = [
        Lack(package.name, name, _missing(package, catalog, now[name], probed, name))
        for package in catalog.packages.values()
        for name in package.backends
        if now.get(name)
    ]
    return [lack for lack in found if lack.what]


def _missing(
    package: Package,
    catalog: Catalog,
    now: Digests,
    probed: Mapping[str, Probed],
    name: str,
) -> tuple[str, ...]:
    verified = Word.VERIFIED
    return tuple(
        what
        for what in needs(package, catalog)
        if holds(now, probed.get(name), what).word is not verified
    )
