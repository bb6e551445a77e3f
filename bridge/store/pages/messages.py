"""Messages to the outside, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bridge.store.outbox import CAUSE, Delivery, State
from bridge.store.tables import delivery, operation

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


def causes(tx: sa.Connection, these: Sequence[Delivery]) -> dict[int, str]:
    """By the message's number: the event it comes of, as it is named here."""
    by_name = {
        one.id: str(one.content["operation"])
        for one in these
        if "operation" in one.content
    }
    by_id = {one.id: one.content[CAUSE] for one in these if CAUSE in one.content}
    query = sa.select(operation.c.id, operation.c.name)
    rows = tx.execute(query.where(operation.c.id.in_(set(by_id.values()))))
    names = {row.id: row.name for row in rows}
    return by_name | {no: names[id_] for no, id_ in by_id.items() if id_ in names}


def failed(tx: sa.Connection) -> int:
    query = sa.select(sa.func.count()).select_from(delivery).where(FAILED)
    return tx.execute(query).scalar_one()


def _read(row: Any) -> Delivery:
    return Delivery(**{**row, "state": State(row["state"])})
