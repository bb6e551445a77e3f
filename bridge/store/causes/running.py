"""Whether we do what we should, and in time: lanes, ticks, deliveries, comparisons."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store import drift_alerts
from bridge.store.causes.found import Found, Limits
from bridge.store.tables import backend, delivery, lane, tick
from bridge.store.types import Moment
from provisioning.core.sentences import minute, say

MISSED = 3
"""Intervals a tick may miss, but never less than SHORTEST."""

SHORTEST = timedelta(minutes=1)


def backlog(tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    """A paused backend's accounts wait for it, not for a worker."""
    paused = sa.select(backend.c.name).where(backend.c.paused_until.is_not(None))
    oldest = tx.execute(
        sa.select(lane.c.key, lane.c.due)
        .where(
            lane.c.due <= at - limits.backlog,
            lane.c.lease_until.is_(None),
            sa.or_(lane.c.backend.is_(None), lane.c.backend.not_in(paused)),
        )
        .order_by(lane.c.due)
        .limit(1)
    ).one_or_none()
    if oldest is None:
        return {}
    # Without the account: another one is the oldest each time.
    return {"lanes": say("alert_backlog", since=minute(oldest.due))}


def tick_missing(tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    rows = tx.execute(sa.select(tick)).mappings()
    return {
        row["name"]: say(
            "alert_tick_missing",
            tick=row["name"],
            since=minute(row["ran_at"] or row["made_at"]),
            said=row["said"] or "nothing is known of why",
        )
        for row in rows
        if is_missing(row["name"], row["ran_at"] or row["made_at"], at, limits)
    }


def is_missing(name: str, ran_at: datetime, at: datetime, limits: Limits) -> bool:
    """A tick of another version, whose interval nobody knows, is not missed here."""
    every = limits.ticks.get(name)
    since = max(ran_at, limits.since or ran_at)
    return every is not None and at - since > max(MISSED * every, SHORTEST)


def delivery_failed(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    """By channel: or the mail about a mail that failed would need a mail of its own."""
    rows = tx.execute(
        sa.select(
            delivery.c.channel,
            sa.func.count().label("count"),
            sa.func.min(delivery.c.id).label("first"),
            sa.func.min(delivery.c.ended_at, type_=Moment).label("since"),
        )
        # The index's own words, as a literal: SQLite uses it for nothing else.
        .where(sa.text("state IN ('refused', 'given up')"))
        .group_by(delivery.c.channel)
    ).mappings()
    return {
        row["channel"]: say(
            "alert_delivery_failed",
            count=row["count"],
            channel=row["channel"],
            first=row["first"],
            since=minute(row["since"]),
        )
        for row in rows
    }


def reconcile_late(tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    return drift_alerts.late(tx, at, limits.since)


def reconcile_differs(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    return drift_alerts.differs(tx)
