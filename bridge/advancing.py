"""Business time moved on, where that harms nobody: in a demo, with nothing under way.

Leases and windows are in business time. A window that keeps a sum from being sent twice
would end at once, so there must be none.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store import facts, tables, ticks
from bridge.store.tables import attempt, lane

FURTHEST = timedelta(days=3660)
"""Ahead of real time: more is a slip, and dates have an end."""

NO_DEMO = (
    "this is not the database of a demo; time is moved on there only: start `switchhook"
    " demo`, and use the --config it shows"
)


def advance(tx: sa.Connection, by: timedelta, at: datetime) -> str | None:
    """None: it is done. Else what is under way, and that it is not done for that."""
    if facts.demo(tx) is None or tx.dialect.name != "sqlite":
        raise LookupError(NO_DEMO)
    if by <= timedelta() or facts.ahead(tx) + by > FURTHEST:
        raise LookupError(
            f"time only goes forward, and at most {FURTHEST.days} days in all; say less"
        )
    if busy := _under_way(tx, at):
        return busy
    facts.move_on(tx, by, at)
    ticks.moved(tx, at + by)
    return None


def _under_way(tx: sa.Connection, at: datetime) -> str | None:
    """Whoever works on an account just now reckons with the time that it is there."""
    tried = _count(tx, sa.select(attempt.c.id).where(sa.text(tables.LIVE)))
    if tried:
        return f"{tried} of `switchhook unsure list` that nobody knows the end of"
    held = _count(tx, sa.select(lane.c.key).where(lane.c.lease_until > at))
    return f"{held} accounts that are worked on" if held else None


def _count(tx: sa.Connection, these: sa.Select[tuple[object]]) -> int:
    found: int = tx.execute(
        sa.select(sa.func.count()).select_from(these.subquery())
    ).scalar_one()
    return found
