"""What time it is: real time runs leases and deadlines, business time due dates.

A window that keeps money from being sent twice must not end early because somebody set
a clock. So real time is taken once and then counted by what cannot be set: on SQLite by
this machine, on PostgreSQL from the database's own clock, which all machines share.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bridge.store import facts
from bridge.store.database import Database
from bridge.store.tables import fact
from provisioning.leaving import ticking

FRESH = 10.0
"""Seconds until the database is asked again what time it is."""

AGAIN = 1.0
"""Seconds until it is asked again that did not answer: nobody queues up for it."""

CLOSE = 0.5
"""Seconds: an answer that took longer says too little about when it was right."""

TRIES = 3
"""How often a process that starts asks again for a quick answer."""

NOW = sa.select(
    sa.cast(sa.extract("epoch", sa.func.clock_timestamp()) * 1_000_000, sa.BigInteger)
)


def _wall() -> datetime:
    return datetime.now(UTC)


class Clock:
    """This machine's time as it was at the start, and the seconds since."""

    def __init__(
        self,
        wall: Callable[[], datetime] = _wall,
        ticking: Callable[[], float] = ticking,
    ) -> None:
        self._wall, self._ticking = wall, ticking
        # In one piece: whoever reads it sees both of then, or both of now.
        self._known = ticking(), wall()
        self._ahead = timedelta()

    def now(self) -> datetime:
        """For leases, windows and due dates: never set back; forth in a demo only."""
        began, at = self._known
        return at + self._ahead + timedelta(seconds=self._ticking() - began)

    def follow(self, tx: sa.Connection) -> None:
        """As far ahead of real time as the demo of this database was told to be."""
        self._ahead = facts.ahead(tx)

    def wall(self) -> datetime:
        """For what others signed with their clocks: as set just now."""
        return self._wall()


class Shared(Clock):
    """The database's time: the same on every machine, however theirs are set."""

    def __init__(
        self, database: Database, ticking: Callable[[], float] = ticking
    ) -> None:
        super().__init__(ticking=ticking)
        self._database = database
        self._lock = threading.Lock()
        self._due: float | None = None
        """When it has to be asked again; None where it never answered."""

    def now(self) -> datetime:
        if self._stale():
            self._ask()
        return super().now()

    def _stale(self) -> bool:
        return self._due is None or self._ticking() > self._due

    def wall(self) -> datetime:
        return self.now()

    def _ask(self) -> None:
        with self._lock:
            if not self._stale():
                return
            try:
                self._set()
            except sa.exc.DBAPIError:
                # Gone just now: what we know goes on ticking evenly.
                if self._due is None:
                    raise
                self._due = self._ticking() + AGAIN

    def _set(self) -> None:
        """The best answer of a few at first; later, where it came quickly."""
        took, known = self._answer()
        for _ in range(TRIES if self._due is None else 0):
            if took >= CLOSE:
                took, known = min((took, known), self._answer())
        if self._due is None or took < CLOSE:
            self._known = known
        self._due = self._ticking() + FRESH

    def _answer(self) -> tuple[float, tuple[float, datetime]]:
        """How long it took, and when of our ticks it was what time."""
        with self._database.read() as tx:
            # Not before it is connected: that can take seconds, and says nothing.
            before = self._ticking()
            micro = tx.execute(NOW).scalar_one()
            after = self._ticking()
        said = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micro)
        return after - before, ((before + after) / 2, said)


class Followed(Clock):
    """Of a process beside the bridge of a demo, which moves time on meanwhile."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def now(self) -> datetime:
        with self._database.read() as tx:
            self.follow(tx)
        return super().now()


class Standing(Clock):
    """One moment, for looking at what is so then. Nothing may be done by it."""

    def __init__(self, at: datetime) -> None:
        super().__init__(wall=lambda: at, ticking=lambda: 0.0)


def calendar(zone: str) -> tzinfo:
    """Whose days count. UTC needs no tables of time zones; small machines have none."""
    return UTC if zone == "UTC" else ZoneInfo(zone)


def clock_of(database: Database) -> Clock:
    return Clock() if database.embedded else Shared(database)


def beside(database: Database) -> Clock | None:
    """Of a process that only reads there. None: it has the usual one; only in a demo
    time is moved on."""
    if not database.embedded:
        return None
    with database.read() as tx:
        known = sa.inspect(tx).has_table(fact.name)
        demo = known and facts.demo(tx) is not None
    return Followed(database) if demo else None
