"""What is done again and again, and what somebody should look at."""

from __future__ import annotations

from bridge.access.roles import May
from bridge.store import alarms, ticks
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.site import Go, Page

LAST = 50


@console.get("/schedules", may=May.RUN, whole=True)
def every(asked: Asked) -> Page:
    """Each with when it ended well last, and the alerts there were."""
    with asked.parts.database.read() as tx:
        told = {
            "ticks": ticks.all_kept(tx),
            "alerts": alarms.newest(tx, LAST),
            "at": asked.at,
        }
    return Page("schedules", "Schedules and alerts", told)


@console.post("/schedules/<tick>/now", may=May.OPERATE)
def now(asked: Asked, tick: str) -> Go:
    """It is due at once."""
    asked.order("tick.now", tick=tick)
    return Go("/schedules", f"{tick} is due now; a worker does it.")
