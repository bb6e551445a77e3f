"""Accounts as pages list them, by what stands in their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store import tables
from bridge.store.pages.scoped import within
from bridge.store.tables import account, attempt, operation, switch_off

_OFF = sa.select(switch_off.c.account).where(switch_off.c.back_at.is_(None))
_UNSURE = sa.select(attempt.c.account).where(sa.text(tables.LIVE))
_STUCK = sa.select(operation.c.lane).where(sa.text(tables.TROUBLE))
STATES: Mapping[str, sa.ColumnElement[bool] | sa.TextClause] = {
    "being set up": sa.text("remote IS NULL"),
    "switched off": account.c.id.in_(_OFF),
    "with a stuck event": account.c.id.in_(_STUCK),
    "unsure": account.c.id.in_(_UNSURE),
    "stopped": sa.text("money_stopped IS NOT NULL"),
    "restored": sa.text("restored_at IS NOT NULL"),
    "only looked at": sa.text("observed_at IS NOT NULL"),
    "ended": sa.text("ended_at IS NOT NULL"),
    "to be purged": sa.text("purge_waits IS NOT NULL"),
}
"""By name; each has an index of its own."""


@dataclass(frozen=True, slots=True)
class Wanted:
    source: str | None = None
    backend: str | None = None
    state: str | None = None

    @property
    def conditions(self) -> Iterator[sa.ColumnElement[bool] | sa.TextClause]:
        if self.source:
            yield account.c.source == self.source
        if self.backend:
            yield account.c.backend == self.backend
        if self.state:
            yield STATES[self.state]


@dataclass(frozen=True, slots=True)
class Listed:
    ids: Sequence[str]
    after: str | None


def listed(
    tx: sa.Connection, scope: Scope, wanted: Wanted, after: str, most: int
) -> Listed:
    """In the order of their ids, which says nothing, and never changes."""
    query = (
        sa.select(account.c.id)
        .where(
            account.c.id > after,
            within(scope, account.c.source),
            *wanted.conditions,
        )
        .order_by(account.c.id)
        .limit(most + 1)
    )
    ids = list(tx.execute(query).scalars())
    return Listed(ids[:most], ids[most - 1] if len(ids) > most else None)


def made_at(tx: sa.Connection, id_: str) -> datetime:
    query = sa.select(account.c.made_at).where(account.c.id == id_)
    found: datetime = tx.execute(query).scalar_one()
    return found
