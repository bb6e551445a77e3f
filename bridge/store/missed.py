"""Money whose account is there by now, and that nobody woke when it was opened.

This version always does. 0.1.0 wakes the lanes it sees, and not one that is just being
made: beside this version, on PostgreSQL, it left a top-up held for ever.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.store import lanes, tables
from bridge.store.lanes import INTAKE
from bridge.store.tables import account, lane, operation, service

_CLIENT = sa.func.substr(operation.c.lane, len(INTAKE) + 1)
MISSED = (
    sa.select(lane.c.key)
    .distinct()
    .select_from(operation)
    .join(lane, lane.c.key == operation.c.lane)
    .join(account, account.c.client == _CLIENT)
    .join(service, service.c.account == account.c.id)
    .where(
        sa.text(tables.UNFINISHED),
        sa.text("fate = 'parked'"),
        operation.c.lane.startswith(INTAKE),
        operation.c.why["code"].as_string() == "no_account_yet",
        lane.c.due.is_(None),
        lane.c.lease_until.is_(None),
    )
    .order_by(lane.c.key)
)


def any_missed(tx: sa.Connection) -> bool:
    return tx.execute(MISSED.limit(1)).first() is not None


def wake(tx: sa.Connection, at: datetime) -> int:
    """How many lanes there were."""
    missed = tx.execute(MISSED).scalars().all()
    for key in missed:
        lanes.wake(tx, key, at)
    return len(missed)
