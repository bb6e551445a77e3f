"""How often somebody may try: a pace that all processes share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.tables import pace

When = TypeVar("When", datetime, timedelta)
"""A moment, or what has passed since a process began."""


@dataclass(frozen=True, slots=True)
class Pace:
    """*burst* at once, and then one each *every*."""

    every: timedelta
    burst: int

    def one_more(self, used: When | None, now: When) -> tuple[When, timedelta]:
        """Until when he has used up what he may, with one more try; and how long that
        has to wait: not at all, unless it is more than nothing.

        One moment says it all (the generic cell rate algorithm).
        """
        after = (now if used is None else max(used, now)) + self.every
        return after, after - (now + self.every * self.burst)


def take(tx: sa.Connection, key: str, allowed: Pace, at: datetime) -> timedelta:
    """One try used up: nothing, or how long he has to wait for it."""
    tx.execute(sa.delete(pace).where(pace.c.used_until < at))
    query = sa.select(pace.c.used_until).where(pace.c.key == key)
    used, wait = allowed.one_more(tx.execute(query.with_for_update()).scalar(), at)
    if wait > timedelta():
        return wait
    new = insert(tx, pace).values(key=key, used_until=used)
    tx.execute(
        new.on_conflict_do_update(
            index_elements=["key"], set_={"used_until": new.excluded.used_until}
        )
    )
    return timedelta()
