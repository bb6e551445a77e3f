"""Paid lines told apart from the words about what they pay for; who waits for one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.store import payload, tables
from bridge.store.drafts import Rank, Writes, put, statement, the
from bridge.store.questions import Question, among
from bridge.store.tables import operation

Apart = Mapping[str, tuple[tuple[str, datetime], ...]]
"""By service: the lines, and when each was paid."""

LINES = Question(
    sa.select(operation.c.service, operation.c.payload).where(
        among(operation.c.service, "services"), sa.text(tables.APART)
    )
)
# Among the last of a commit: it may have been parked in that very one.
TAKE_UP = statement(
    Rank.TURN,
    sa.update(operation)
    .where(
        operation.c.lane == the("lane"),
        operation.c.service == the("service"),
        sa.text(tables.UNFINISHED),
        sa.text("fate = 'parked'"),
        operation.c.why["code"].as_string() == "line_missing",
    )
    .values(fate="accepted", why=None, planned=False, changed_at=the("at")),
)


def lines(tx: sa.Connection, services: Collection[str]) -> Apart:
    """Nothing is asked for nothing."""
    return LINES.ask(tx, _by_service, services=services).read() if services else {}


def take_up(tx: Writes, lane: str, service: str, at: datetime) -> None:
    """Its line was told: what waits for that is planned anew."""
    put(tx, TAKE_UP, lane=lane, service=service, at=at)


def _by_service(rows: Iterable[Any]) -> Apart:
    found: dict[str, tuple[tuple[str, datetime], ...]] = {}
    for row in rows:
        told = payload.to_event(row.payload, 0)
        if told.line:
            line = told.line, told.occurred_at
            found[row.service] = (*found.get(row.service, ()), line)
    return found
