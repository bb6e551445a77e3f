"""Messages to the outside, the newest first."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bridge.store.outbox import Delivery, State
from bridge.store.tables import delivery

# The index's own words, as a literal: with bound values neither database could tell.
FAILED = sa.text("state IN ('refused', 'given up')")


def newest(
    tx: sa.Connection, most: int, before: int | None, state: State | None
) -> list[Delivery]:
    """*before*: only older ones than that number."""
    query = sa.select(delivery).order_by(delivery.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(delivery.c.id < before)
    if state is not None:
        query = query.where(delivery.c.state == state.value)
    return [_read(row) for row in tx.execute(query).mappings()]


def failed(tx: sa.Connection) -> int:
    query = sa.select(sa.func.count()).select_from(delivery).where(FAILED)
    return tx.execute(query).scalar_one()


def _read(row: Any) -> Delivery:
    return Delivery(**{**row, "state": State(row["state"])})
