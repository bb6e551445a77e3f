"""On which backend of its group a new account is opened: where the most room is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction

from provisioning.core.catalog import Catalog, Package
from provisioning.core.sentences import Sentence, say

UNPLACED = {"server_unknown", "no_room"}
"""Why an order opens no account, and waits."""


def choices(package: Package, server: str | None) -> tuple[str, ...] | Sentence:
    """Where it may be opened: the order may say, among the group's own."""
    if server is None:
        return package.backends
    if server in package.backends:
        return (server,)
    among = ", ".join(package.backends)
    return say("server_unknown", server=server, product=package.name, choices=among)


def placed(
    among: tuple[str, ...],
    catalog: Catalog,
    held: Mapping[str, int],
    closed: Collection[str],
) -> str | Sentence:
    """*held*: how many accounts each has; *closed*: those that are paused.

    A paused one is taken only where no other has room: its accounts wait for it.
    """
    room = [name for name in among if _has_room(name, catalog, held)]
    if not room:
        return say("no_room", backends=", ".join(among))
    return min(
        room,
        key=lambda name: (name in closed, *_taken(name, catalog, held), name),
    )


def _has_room(name: str, catalog: Catalog, held: Mapping[str, int]) -> bool:
    return name not in catalog.full or held.get(name, 0) < catalog.full[name]


def _taken(
    name: str, catalog: Catalog, held: Mapping[str, int]
) -> tuple[Fraction, int]:
    """How much of it; then how many, where nobody said when it is full."""
    count = held.get(name, 0)
    full = catalog.full.get(name)
    return Fraction(count, full) if full else Fraction(0), count
