"""What reached the door of each source, the newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bridge.store.tables import operation, request


@dataclass(frozen=True, slots=True)
class Reached:
    id: int
    delivery: str
    received_at: datetime
    events: tuple[tuple[str, str, str], ...]
    """Name, type and fate of each."""


def last(tx: sa.Connection, sources: Collection[str]) -> dict[str, datetime]:
    """When each was heard of last, of those that ever were."""
    found: dict[str, datetime] = {}
    for source in sources:
        query = _of(source).with_only_columns(request.c.received_at).limit(1)
        at = tx.execute(query).scalar()
        if at is not None:
            found[source] = at
    return found


def newest(
    tx: sa.Connection, source: str, most: int, before: int | None
) -> list[Reached]:
    """*before*: only older ones than that number."""
    query = _of(source).limit(most)
    if before is not None:
        query = query.where(request.c.id < before)
    rows = tx.execute(query).all()
    told: dict[int, list[tuple[str, str, str]]] = {row.id: [] for row in rows}
    events = sa.select(
        operation.c.request, operation.c.name, operation.c.type, operation.c.fate
    ).where(operation.c.request.in_(told))
    for request_, name, type_, fate in tx.execute(events.order_by(operation.c.id)):
        told[request_].append((name, type_, fate))
    return [
        Reached(row.id, row.delivery, row.received_at, tuple(told[row.id]))
        for row in rows
    ]


def _of(source: str) -> sa.Select[tuple[int, str, datetime]]:
    return (
        sa.select(request.c.id, request.c.delivery, request.c.received_at)
        .where(request.c.source == source)
        .order_by(request.c.id.desc())
    )
