"""What was said and waits for a person: parked, asked for, or of adopted accounts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.store import operations, shop_orders, tables
from bridge.store.causes.found import OBSERVED, Found, Limits
from bridge.store.tables import operation
from bridge.store.types import Moment
from provisioning.core.heard import Fate
from provisioning.core.sentences import minute, say


def parked(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    fates = [Fate.PARKED.value, Fate.REFUSED.value]
    rows = tx.execute(
        sa.select(
            operation.c.lane,
            sa.func.count().label("count"),
            sa.func.min(operation.c.changed_at, type_=Moment).label("since"),
        )
        .where(
            sa.text(tables.UNFINISHED),
            operation.c.fate.in_(fates),
            operation.c.lane.not_in(OBSERVED),
            sa.or_(operation.c.why.is_(sa.null()), sa.not_(operations.ASKS)),
        )
        .group_by(operation.c.lane)
    ).mappings()
    return {
        row["lane"]: say(
            "alert_parked",
            count=row["count"],
            lane=row["lane"],
            since=minute(row["since"]),
        )
        for row in rows
    }


def asking(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    """Changes that wait for an admin; the oldest of each account says since when."""
    since: dict[str, list[datetime]] = {}
    for each in operations.asking(tx):
        since.setdefault(each.lane, []).append(each.changed_at)
    for whose, moment in shop_orders.asking(tx):
        since.setdefault(whose, []).append(moment)
    return {
        account: say(
            "alert_asking",
            account=account,
            count="a change is" if len(moments) == 1 else f"{len(moments)} changes are",
            since=minute(min(moments)),
        )
        for account, moments in since.items()
    }


def observed(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    """One for all of them, however many: they wait for the same word."""
    row = tx.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(operation.c.lane.distinct()).label("accounts"),
            sa.func.min(operation.c.changed_at, type_=Moment).label("since"),
        ).where(sa.text(tables.UNFINISHED), operation.c.lane.in_(OBSERVED))
    ).one()
    if not row[0]:
        return {}
    return {
        "adopted accounts": say(
            "alert_observed",
            events=row[0],
            accounts=row.accounts,
            since=minute(row.since),
        )
    }
