"""How often somebody may try: a pace that all processes share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.tables import pace


@dataclass(frozen=True, slots=True)
class Pace:
    """*burst* at once, and then one each *every*."""

    every: timedelta
    burst: int


def take(tx: sa.Connection, key: str, allowed: Pace, at: datetime) -> timedelta:
    """One try used up: nothing, or how long he has to wait for it.

    One moment a key says it all: until then he has used up what he may
    (the generic cell rate algorithm).
    """
    tx.execute(sa.delete(pace).where(pace.c.used_until < at))
    query = sa.select(pace.c.used_until).where(pace.c.key == key)
    until = tx.execute(query.with_for_update()).scalar() or at
    wait = max(until, at) + allowed.every - (at + allowed.every * allowed.burst)
    if wait > timedelta():
        return wait
    used = max(until, at) + allowed.every
    new = insert(tx, pace).values(key=key, used_until=used)
    tx.execute(
        new.on_conflict_do_update(
            index_elements=["key"], set_={"used_until": new.excluded.used_until}
        )
    )
    return timedelta()
