"""Backends that are paused, whose key ends, or that nobody has seen do it."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store import queues, verdicts
from bridge.store.causes.found import Found, Limits
from bridge.store.tables import backend
from bridge.store.verdicts import Word
from provisioning.core.sentences import Sentence, minute, say

EXPIRING = timedelta(days=30)
"""How long before the end of a key somebody should make a new one."""


def backend_paused(tx: sa.Connection, at: datetime, _limits: Limits) -> Found:
    """A breaker's pause ends when the backend works, one by hand when it is time."""
    paused = sa.or_(
        backend.c.paused_until > at,
        sa.and_(backend.c.paused_until.is_not(None), ~backend.c.by_hand),
    )
    rows = tx.execute(sa.select(backend).where(paused)).mappings()
    return {row["name"]: _paused(row) for row in rows}


def _paused(row: sa.RowMapping) -> Sentence:
    name, why = row["name"], row["paused_because"]
    if row["by_hand"]:
        until = minute(row["paused_until"])
        return say("alert_backend_paused_by_hand", backend=name, why=why, until=until)
    return say("alert_backend_paused", backend=name, why=why)


def switch_off_guard(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    """Many at once is more often a mistake than a wish."""
    return {
        name: say(
            "alert_switch_off_guard",
            backend=name,
            count=queue.count,
            since=minute(queue.oldest),
        )
        for name, queue in queues.stopped(tx).items()
    }


def key_expiring(_tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    ends = {name: end for name, end in limits.keys.items() if end - at <= EXPIRING}
    return {
        name: say("alert_key_expiring", backend=name, end=minute(end))
        for name, end in ends.items()
    }


def unverified(tx: sa.Connection, _at: datetime, limits: Limits) -> Found:
    """Sold, and nobody saw the backend do it."""
    probed = verdicts.latest(tx) if limits.unproven else {}
    open_ = {
        name: [
            what
            for what, wire in stands_on.items()
            if verdicts.standing(probed.get(name), what, wire).word is not Word.VERIFIED
        ]
        for name, stands_on in limits.unproven.items()
    }
    return {
        name: say("alert_unverified", backend=name, what=", ".join(what))
        for name, what in open_.items()
        if what
    }
