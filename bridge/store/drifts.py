"""Reconciliations and what they found, as they are kept and as pages read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bridge.store import payload
from bridge.store.sheet import Sum
from bridge.store.tables import difference, reconciled, reconciliation
from bridge.store.types import Moment
from provisioning.core.drift import Difference, Drift, Repair


class State(StrEnum):
    RUNNING = "running"
    ENDED = "ended"
    STOPPED = "stopped"
    """By a person, or with its process: what it had found is kept."""

    BROKEN_OFF = "broken off"
    """Its process died in it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run looks at; what is not named does not matter."""

    backend: str | None = None
    source: str | None = None

    @property
    def is_all(self) -> bool:
        return self.backend is None and self.source is None


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    began_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    state: State
    by: str
    backend: str | None
    source: str | None
    whole: bool
    applies: bool
    accounts: int
    unseen: tuple[Unseen, ...]


@dataclass(frozen=True, slots=True)
class Unseen:
    """What could not be looked at: how much of it, and why the first."""

    what: str
    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """A difference, and whose it is."""

    subject: str
    """An account, a backend's user, a service or a paid line."""

    line: Difference
    backend: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of a report."""

    id: int
    found: Found
    since: datetime


def last_whole(tx: sa.Connection) -> Run | None:
    """The last one that was told to leave nothing out, and came to its end."""
    ended = reconciliation.c.state == State.ENDED.value
    query = sa.select(reconciliation).where(ended, reconciliation.c.whole)
    return _first(tx, query)


def last_seen_all(tx: sa.Connection) -> Run | None:
    """The last one that in truth left nothing out."""
    return _first(tx, sa.select(reconciliation).where(saw_all()))


def saw_all() -> sa.ColumnElement[bool]:
    """Of a run that left nothing out, and could see all of it."""
    ended = reconciliation.c.state == State.ENDED.value
    nothing = reconciliation.c.unseen.is_(None)
    return sa.and_(ended, reconciliation.c.whole, nothing)


def numbered(tx: sa.Connection, run: int | None = None) -> Run | None:
    """That one, or the newest."""
    query = sa.select(reconciliation)
    if run is not None:
        query = query.where(reconciliation.c.id == run)
    return _first(tx, query)


def _first(tx: sa.Connection, query: sa.Select[Any]) -> Run | None:
    row = tx.execute(query.order_by(reconciliation.c.id.desc()).limit(1)).first()
    return _run(row) if row else None


def runs(tx: sa.Connection, most: int, before: int | None = None) -> list[Run]:
    """The newest, or the next older ones than that."""
    query = sa.select(reconciliation).order_by(reconciliation.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(reconciliation.c.id < before)
    return [_run(row) for row in tx.execute(query)]


def differences(
    tx: sa.Connection, run: int, most: int, after: int = 0, kind: str | None = None
) -> list[Kept]:
    """The next lines of its report."""
    query = sa.select(difference).where(
        difference.c.run == run, difference.c.id > after
    )
    if kind is not None:
        query = query.where(difference.c.kind == kind)
    return [kept(r) for r in tx.execute(query.order_by(difference.c.id).limit(most))]


@dataclass(frozen=True, slots=True)
class Count:
    kind: str
    repair: str
    in_flight: bool
    count: int
    since: datetime


def counts(tx: sa.Connection, run: int) -> list[Count]:
    by = (difference.c.kind, difference.c.repair, difference.c.in_flight)
    oldest = sa.func.min(difference.c.since, type_=Moment)
    query = sa.select(*by, sa.func.count(), oldest).where(difference.c.run == run)
    return [Count(*row) for row in tx.execute(query.group_by(*by).order_by(*by))]


def sums(tx: sa.Connection, run: int) -> list[Sum]:
    """Where all money stood at its end."""
    columns = [reconciled.c[name] for name in Sum.__slots__]
    query = sa.select(*columns).where(reconciled.c.run == run)
    order = reconciled.c.source, reconciled.c.currency
    return [Sum(*row) for row in tx.execute(query.order_by(*order))]


def _run(row: Any) -> Run:
    told: Mapping[str, Any] = row._mapping  # noqa: SLF001 - its public name
    unseen = tuple(Unseen(*one) for one in told["unseen"] or ())
    return Run(**{**told, "state": State(told["state"]), "unseen": unseen})


def kept(row: Any) -> Kept:
    why = payload.the_sentence(row.why)
    line = Difference(
        Drift(row.kind), row.what, row.wants, row.has, Repair(row.repair), why,
        row.in_flight,
    )  # fmt: skip
    return Kept(row.id, Found(row.subject, line, row.backend, row.source), row.since)
