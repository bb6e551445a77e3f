"""Requests that nobody proved, counted for those who watch.

Strangers must not make the database write as often as they like: it is told at once of
the first, and of more at most once in ten seconds.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Container

import sqlalchemy as sa

from bridge.clock import Clock
from bridge.store import facts
from bridge.store.database import Database, Lost

EVERY = 10.0
"""Seconds."""


class Refusals:
    def __init__(
        self, database: Database, clock: Clock, sources: Container[str]
    ) -> None:
        self._database, self._clock, self._sources = database, clock, sources
        self._turn, self._next = threading.Lock(), 0.0
        self._new: Counter[tuple[str, str]] = Counter()

    def count(self, source: str, why: str) -> None:
        """One more; of sources there are, and of no other name."""
        if source not in self._sources:
            return
        with self._turn:
            self._new[source, why] += 1
            if time.monotonic() < self._next:
                return
            self._next = time.monotonic() + EVERY
            more, self._new = self._new, Counter()
        self._keep(more)

    def _keep(self, more: Counter[tuple[str, str]]) -> None:
        try:
            with self._database.change() as tx:
                facts.refuse(tx, more, self._clock.now())
        except Lost:
            pass  # Kept or not: twice is worse than never, of a count.
        except sa.exc.DBAPIError:
            with self._turn:
                self._new.update(more)
