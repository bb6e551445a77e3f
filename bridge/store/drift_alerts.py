"""What a person should know of reconciliations: one is late, or found something."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store import drifts
from bridge.store.tables import tick
from provisioning.core.drift import Drift, Repair
from provisioning.core.sentences import Sentence, minute, say

NIGHTLY = "reconcile"
"""The tick that compares all there is."""

LATE = timedelta(hours=36)
ABOUT = "reconciliation"


def late(
    tx: sa.Connection, at: datetime, since: datetime | None
) -> dict[str, Sentence]:
    """*since*: from when on somebody runs it; before, none was late.

    One that could not see everything is none: what it did not see may be anything.
    """
    made = tx.execute(sa.select(tick.c.made_at).where(tick.c.name == NIGHTLY)).scalar()
    if made is None:
        return {}
    last = drifts.last_seen_all(tx)
    ended = last.ended_at if last and last.ended_at else made
    if at - max(ended, since or ended) <= LATE:
        return {}
    newest = drifts.last_whole(tx)
    blind = [f"{one.what}: {one.why}" for one in newest.unseen] if newest else []
    return {
        ABOUT: say(
            "alert_reconcile_late",
            since=minute(ended) if last else "never",
            why="; ".join(blind) or "none came to its end",
        )
    }


def differs(tx: sa.Connection) -> dict[str, Sentence]:
    """What the last one found that only a person can end."""
    last = drifts.last_whole(tx)
    if last is None:
        return {}
    open_ = [
        count
        for count in drifts.counts(tx, last.id)
        if count.repair == Repair.PERSON
        and not count.in_flight
        # Stopped money is an alert of its own.
        and count.kind != Drift.BALANCE
    ]
    if not open_:
        return {}
    kinds = ", ".join(f"{one.count} {one.kind.replace('_', ' ')}" for one in open_)
    since = minute(min(one.since for one in open_))
    told = say("alert_reconcile_differs", run=last.id, kinds=kinds, since=since)
    return {ABOUT: told}
