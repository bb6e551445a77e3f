"""What a person should look at, found by SQL: one function a cause.

Each answers with what it is about and a sentence: what it is, since when, the way out.
What comes in thousands is one alert for each account, not one for each event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import sqlalchemy as sa

from bridge.store.causes import accounts, backends, events, money, running
from bridge.store.causes.found import Found, Limits

CAUSES: Mapping[str, Callable[[sa.Connection, datetime, Limits], Found]] = {
    cause.__name__: cause
    for cause in (
        events.parked,
        events.asking,
        events.observed,
        money.unsure_late,
        money.person,
        money.stopped,
        running.backlog,
        running.tick_missing,
        money.held,
        money.sum_refused,
        running.delivery_failed,
        backends.backend_paused,
        backends.switch_off_guard,
        backends.key_expiring,
        backends.unverified,
        accounts.still_dialling,
        accounts.purge_waits,
        running.reconcile_late,
        running.reconcile_differs,
        accounts.data_waits,
    )
}
"""By topic."""
