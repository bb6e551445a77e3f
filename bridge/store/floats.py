"""What resellers have with the operator, entry by entry; the last says what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from bridge.store.tables import float_entry
from provisioning.core.floats import Entry, Float, Kind, is_whole

FIRST = 1
FLOATS = 0x5317F1
"""With a source, what PostgreSQL lets one transaction at a time hold."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry as it stands, and what was left by it."""

    source: str
    no: int
    entry: Entry
    order: str | None
    left: Float
    at: datetime
    by: str
    because: str


def lock(tx: sa.Connection, source: str) -> None:
    """Whoever draws, fills or finds too little has the others wait: what one is short
    of another may just be bringing. SQLite has one writer anyway.

    The order of all who lock: this first, then the orders of a service
    (`shop_orders.lock`, or its rows as they are settled), then what is told of them.
    Whoever may draw takes it before he touches an order.
    """
    if tx.dialect.name == "postgresql":
        of = sa.func.hashtext(source)
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(FLOATS, of)))


def last(
    tx: sa.Connection, source: str, before: datetime | None = None
) -> Kept | None:  # fmt: skip
    """The newest; of those from before that moment."""
    c = float_entry.c
    query = sa.select(float_entry).where(c.source == source)
    if before is not None:
        query = query.where(c.at < before)
    row = tx.execute(query.order_by(c.no.desc()).limit(1)).first()
    return _kept(row) if row else None


def keyed(tx: sa.Connection, source: str, key: str) -> Kept | None:
    c = float_entry.c
    query = sa.select(float_entry).where(c.source == source, c.key == key)
    row = tx.execute(query).first()
    return _kept(row) if row else None


def listed(
    tx: sa.Connection, source: str, behind: int | None, most: int
) -> list[Kept]:  # fmt: skip
    """The newest first. *behind*: the number of the last one."""
    c = float_entry.c
    query = sa.select(float_entry).where(c.source == source)
    if behind is not None:
        query = query.where(c.no < behind)
    return [_kept(row) for row in tx.execute(query.order_by(c.no.desc()).limit(most))]


def between(
    tx: sa.Connection, source: str, since: datetime, until: datetime
) -> list[Kept]:
    """The first first."""
    c = float_entry.c
    query = sa.select(float_entry).where(
        c.source == source, c.at >= since, c.at < until
    )
    return [_kept(row) for row in tx.execute(query.order_by(c.no))]


def add(
    tx: sa.Connection, source: str, before: Kept | None, entry: Entry, currency: str,
    at: datetime, by: str, because: str, order: str | None = None,
) -> Kept:  # fmt: skip
    """Behind *before*, the last one; under `lock`. IntegrityError, where another came
    between all the same: then all of it is done anew. Never of an earlier moment than
    that one, whatever our clock says: or a month's entries would not add up."""
    left = (before.left if before else Float(currency)).after(entry)
    no, at = (before.no + 1, max(at, before.at)) if before else (FIRST, at)
    tx.execute(
        sa.insert(float_entry).values(
            source=source, no=no, key=entry.key, kind=entry.kind, order=order,
            amount=entry.amount, currency=left.currency, balance=left.balance,
            limit=left.limit, at=at, by=by, because=because,
        )
    )  # fmt: skip
    return Kept(source, no, entry, order, left, at, by, because)


def broken(tx: sa.Connection) -> Iterator[str]:
    """The sources whose entries do not add up."""
    c = float_entry.c
    rows = map(_kept, tx.execute(sa.select(float_entry).order_by(c.source, c.no)))
    for source, group in groupby(rows, lambda one: one.source):
        entries = list(group)
        numbers = [one.no for one in entries]
        in_line = numbers == list(range(FIRST, FIRST + len(numbers)))
        if not in_line or not is_whole((one.entry, one.left) for one in entries):
            yield source


def _kept(row: Any) -> Kept:
    kind = Kind(row.kind)
    limit = row.limit if kind is Kind.LIMIT else None
    return Kept(
        row.source, row.no, Entry(row.key, kind, row.amount, limit), row.order,
        Float(row.currency, row.balance, row.limit), row.at, row.by, row.because,
    )  # fmt: skip
