"""Events as pages list them: the newest first, some at a time, however many there are.

What is seldom is not looked for in all there are: a page looks back so far, and says
from where to go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store import operations, tables
from bridge.store.operations import Operation
from bridge.store.pages.scoped import within
from bridge.store.tables import operation, request

TROUBLE = "trouble"
IN_TROUBLE = ("unsure", "parked", "refused")
BACK = 20_000
"""Events a page looks through for what it is asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    fate: str | None = None
    """Or TROUBLE: any of those that somebody should look at."""

    type: str | None = None
    source: str | None = None

    @property
    def is_seldom(self) -> bool:
        """An index of its own leads through these."""
        return self.fate == TROUBLE or self.fate in IN_TROUBLE

    @property
    def conditions(self) -> Iterator[sa.ColumnElement[bool] | sa.TextClause]:
        if self.is_seldom:
            yield sa.text(tables.TROUBLE)
        if self.fate and self.fate != TROUBLE:
            yield operation.c.fate == self.fate
        if self.type:
            yield operation.c.type == self.type
        if self.source:
            yield operation.c.source == self.source


@dataclass(frozen=True, slots=True)
class Row:
    told: Operation
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    rows: Sequence[Row]
    before: int | None
    """Older ones are before that number; None: there are none."""


_ROWS = sa.select(operation, request.c.received_at).join(request)
_DOWN = operation.c.id.desc()


def listed(
    tx: sa.Connection, scope: Scope, wanted: Wanted, before: int | None, most: int
) -> Listed:
    query = _ROWS.where(*wanted.conditions, within(scope, operation.c.source))
    if wanted.is_seldom:
        return _page(tx, query, before, most, None)
    newest = before or tx.execute(sa.select(sa.func.max(operation.c.id))).scalar() or 0
    least = newest - BACK
    return _page(tx, query.where(operation.c.id >= least), before, most, least)


def of_lane(tx: sa.Connection, lane: str, before: int | None, most: int) -> Listed:
    """An account's, or those of a client whose account is still to come."""
    return _page(tx, _ROWS.where(operation.c.lane == lane), before, most, None)


def _page(
    tx: sa.Connection,
    query: sa.Select[Any],
    before: int | None,
    most: int,
    least: int | None,
) -> Listed:
    """*least*: how far it was looked; below that there may be more."""
    if before is not None:
        query = query.where(operation.c.id < before)
    rows = tx.execute(query.order_by(_DOWN).limit(most + 1)).all()
    if len(rows) > most:
        before = rows[most - 1].id
    else:
        before = least if least is not None and _any_below(tx, least) else None
    shown = [Row(operations.seen(row), row.received_at) for row in rows[:most]]
    return Listed(shown, before)


def _any_below(tx: sa.Connection, least: int) -> bool:
    query = sa.select(operation.c.id).where(operation.c.id < least).limit(1)
    return tx.execute(query).first() is not None
