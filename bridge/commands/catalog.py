"""On what is sold: other terms, and who goes over to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from bridge.commands import Order, Told
from bridge.store import catalogs
from provisioning.core.catalog import Edition
from provisioning.core.digest import digest
from provisioning.core.reading import read


def _apply_catalog(
    tx: sa.Connection,
    at: datetime,
    version: str,
    content: str,
    was: str | None,
    by: str,
    because: str | None = None,
) -> Told:
    """Its number; None, where another is current than it was compared with."""
    now = _edition(content)
    if now is None or digest(now) != version:
        raise LookupError(
            "this version reads those terms otherwise; use the switchhook that is"
            " running"
        )
    if catalogs.current(tx).read() != was:
        return {"applied": None}
    before = catalogs.contents(tx, [was]).get(was) if was else None
    no = catalogs.apply(tx, version, content, by, because, at)
    known = _edition(before or "")
    spread = _spread_anew(known, now)
    catalogs.look_again(tx, _dunned_anew(known, now), at, spread)
    return {"applied": no}


def _edition(content: str) -> Edition | None:
    """None, where another version wrote it."""
    try:
        return read(Edition, content)
    except ValueError:
        return None


def _dunned_anew(before: Edition | None, now: Edition) -> set[str]:
    """The sources for which something else follows now, where nobody pays."""
    was, will = before.terms.dunning if before else {}, now.terms.dunning
    return {name for name in {**was, **will} if was.get(name) != will.get(name)}


def _spread_anew(before: Edition | None, now: Edition) -> set[str]:
    """The umbrellas that are worth something else now."""
    was, will = before.terms.umbrellas if before else {}, now.terms.umbrellas
    return {name for name in {**was, **will} if was.get(name) != will.get(name)}


def _move_to_current(
    tx: sa.Connection, at: datetime, package: str, to: str, now: bool, after: str,
    most: int, by: str | None = None, because: str | None = None,
) -> Told:  # fmt: skip
    these = catalogs.to_move(tx, package, to, now=now, after=after, most=most)
    catalogs.move(tx, these, to, at, now=now)
    said = catalogs.Movement(package, to, now, len(these), at, by, because)
    catalogs.note_move(tx, said, first=not after)
    return {"moved": len(these), "last": these[-1].ref if these else None}


ORDERS: Mapping[str, Order] = {
    "catalog.apply": _apply_catalog,
    "catalog.move": _move_to_current,
}
