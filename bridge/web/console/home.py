"""The page an admin opens in the morning: did all money arrive, and what is stuck?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bridge.access.roles import May
from bridge.clock import calendar
from bridge.store import alarms, drifts, queues
from bridge.store.pages import quarters, today
from bridge.store.pages.behind import behind
from bridge.web.asked import Asked
from bridge.web.console import pictures
from bridge.web.console.registry import console
from bridge.web.site import Page


@console.get("/", may=May.SEE)
def home(asked: Asked) -> Page:
    at, since = asked.at, midnight(asked)
    with asked.parts.database.read() as tx:
        url = str(asked.parts.database.url)
        moved = quarters.remembered(tx, url, asked.scope, pictures.first(asked), at)
        sums = today.sums(tx, asked.scope, [one for one in moved if one.at >= since])
        waiting = today.waiting(tx, asked.scope)
        told = {
            "sums": sums,
            "waiting": waiting,
            "since": since,
            "oldest": None,
            "backends": None,
            "alerts": None,
            "reconciled": None,
            "pictures": pictures.money(tx, asked, moved),
            "times": pictures.times(tx, asked),
        }
        if asked.may(May.RUN):
            queued = queues.queued(tx, at)
            oldest = min((queue.oldest for queue in queued.values()), default=None)
            told |= {
                "oldest": at - oldest if oldest else None,
                "backends": behind(tx, asked.parts.backends, at),
                "alerts": alarms.lasting(tx),
                "reconciled": _reconciled(tx),
            }
    return Page("home", "Today", told)


def _reconciled(tx: sa.Connection) -> dict[str, Any] | None:
    """The last time all was compared, with the sums as they stood."""
    run = drifts.last_whole(tx)
    return {"run": run, "sums": drifts.sums(tx, run.id)} if run else None


def midnight(asked: Asked) -> datetime:
    """When today began, by the calendar the installation goes by."""
    here = asked.at.astimezone(calendar(asked.parts.catalog.terms.zone))
    return here.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
