"""Many lanes at once: how many wait for a backend, and what wakes them together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bridge.store.drafts import the
from bridge.store.lanes import sooner
from bridge.store.tables import lane
from bridge.store.types import Moment


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one backend: how many lanes, and since when the oldest."""

    count: int
    oldest: datetime


QUEUED = (
    sa.select(
        lane.c.backend,
        sa.func.count().label("n"),
        sa.func.min(lane.c.due).label("oldest"),
    )
    .where(lane.c.due <= the("at", Moment), lane.c.lease_until.is_(None))
    .group_by(lane.c.backend)
)


def queued(tx: sa.Connection, at: datetime) -> dict[str | None, Queue]:
    """By backend; None is for those that wait to be sorted."""
    rows = tx.execute(QUEUED, {"the_at": at})
    return {row.backend: Queue(row.n, row.oldest) for row in rows}


def stopped(tx: sa.Connection) -> dict[str, Queue]:
    """By backend: how many the guard keeps from going off, and since when."""
    rows = tx.execute(
        sa.select(
            lane.c.backend,
            sa.func.count().label("n"),
            sa.func.min(lane.c.stopped, type_=Moment).label("oldest"),
        )
        .where(sa.text("stopped IS NOT NULL"))
        .group_by(lane.c.backend)
    )
    return {row.backend: Queue(row.n, row.oldest) for row in rows}


def due_now(tx: sa.Connection, backend: str, at: datetime) -> None:
    """What this backend put off need not wait any longer."""
    put_off = (lane.c.backend == backend, lane.c.due > at, lane.c.tries > 0)
    _in_order(tx, *put_off)
    tx.execute(sa.update(lane).where(*put_off).values(due=at))


def wake_stopped(tx: sa.Connection, backend: str, at: datetime) -> int:
    """Those the guard kept from going off are planned anew. How many there are."""
    return _wake(tx, at, lane.c.backend == backend, lane.c.stopped.is_not(None))


def wake_these(tx: sa.Connection, keys: sa.Select[tuple[str]], at: datetime) -> None:
    """Planned anew, and as any lane with a reason of its own."""
    _wake(tx, at, lane.c.key.in_(keys))


def _wake(tx: sa.Connection, at: datetime, *these: sa.ColumnElement[bool]) -> int:
    _in_order(tx, *these)
    woken = {"due": sooner(sa.literal(at, Moment)), "alone": None}
    return tx.execute(sa.update(lane).where(*these).values(woken)).rowcount


def count_anew(tx: sa.Connection, backend: str, at: datetime) -> None:
    """A pause is nobody's failure: how long an account fails is counted from now."""
    failing = (lane.c.backend == backend, lane.c.failing_since < at)
    _in_order(tx, *failing)
    tx.execute(sa.update(lane).where(*failing).values(failing_since=at))


def _in_order(tx: sa.Connection, *whose: sa.ColumnElement[bool]) -> None:
    """Lock them by their keys, as everybody does: any other order meets deadlocks."""
    tx.execute(
        sa.select(lane.c.key).where(*whose).order_by(lane.c.key).with_for_update()
    )
