"""What the configuration sells otherwise than is current, and whom that touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from bridge.editions import Editions, written_of
from bridge.store import catalogs
from bridge.store.catalogs import Applied
from provisioning.core.catalog import Catalog
from provisioning.core.revised import Difference, differences

Running = Mapping[tuple[str, str | None], int]


def compared(
    tx: sa.Connection, editions: Editions
) -> tuple[str | None, Sequence[Difference], dict[str, int]]:
    """The current version, what differs from it in the file, and how many live of each
    package that is to be another."""
    current = catalogs.current(tx).read()
    was = editions.edition(tx, current) if current else None
    found = differences(was, editions.file.edition)
    return current, found, _touched(found, catalogs.running(tx))


def _touched(found: Sequence[Difference], running: Running) -> dict[str, int]:
    names = dict.fromkeys(each.package for each in found if each.package)
    of_each = {
        name: sum(n for (package, _), n in running.items() if package == name)
        for name in names
    }
    return {name: n for name, n in of_each.items() if n}


def worded(each: Difference) -> str:
    if each.was is None:
        return f"+ {each.at}: {each.now}"
    if each.now is None:
        return f"- {each.at}: {each.was}"
    return f"~ {each.at}: {each.was} → {each.now}"


def ordered(
    file: Catalog, current: str | None, by: str, because: str | None
) -> dict[str, Any]:
    """What the order `catalog.apply` says."""
    return {
        "version": file.version,
        "content": written_of(file),
        "was": current,
        "by": by,
        "because": because,
    }


def by_version(rows: Sequence[Applied], running: Running) -> dict[str, int]:
    """How many go by each; who notes none goes by what is current."""
    found: dict[str, int] = {}
    for (_, version), n in running.items():
        key = version or (rows[0].version if rows else "")
        found[key] = found.get(key, 0) + n
    return found
