"""What is done again and again. The scheduler only looks; a row says whose turn it is.

N processes look, one of them runs. When it is due stands in the database alone: the
scheduler's memory may be lost, late or doubled without harm.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from functools import partial
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from bridge.clock import Clock, calendar
from bridge.store import ticks as rows
from bridge.store.database import Database
from bridge.store.ticks import Turn
from provisioning.core.outcomes import Outcome

log = logging.getLogger(__name__)

# A look that finds the last one still running is no news.
quiet = logging.getLogger(f"{__name__}.scheduler")
quiet.setLevel(logging.ERROR)

LEASE = timedelta(seconds=60)
"""Renewed while a tick runs; a process that dies in one loses it after so long."""

DAY = timedelta(days=1)
LOOKS = 4
"""How often is looked in one interval: due is found late by a part of it at most."""

SHORTEST, LONGEST = timedelta(seconds=0.05), timedelta(seconds=5)
"""Between two looks."""


@dataclass(frozen=True, slots=True)
class Daily:
    """At this time of every day, by the clock of that zone."""

    hour: clock_time
    zone: str

    def after(self, at: datetime) -> datetime:
        """The next time it is that hour there."""
        here = at.astimezone(calendar(self.zone))
        due = datetime.combine(here.date(), self.hour, here.tzinfo)
        if due <= at:
            due = datetime.combine(here.date() + DAY, self.hour, here.tzinfo)
        return due.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Tick:
    name: str
    every: timedelta
    run: Callable[[datetime], None]
    """Given the moment it was found due. Doing it twice is as good as doing it once."""

    daily: Daily | None = None
    """At which time of the day; its first turn is then, and not at the start."""

    def next(self, at: datetime) -> datetime:
        return self.daily.after(at) if self.daily else at + self.every


class _Steady(BackgroundScheduler):  # type: ignore[misc] # it has no types
    """It goes by the wall clock: set back, it would rest until that caught up."""

    def _process_jobs(self) -> Any:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            if job.next_run_time - now > job.trigger.interval:
                job.modify(next_run_time=now)
        return super()._process_jobs()


class Ticks:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ticks: Sequence[Tick],
        lease: timedelta = LEASE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ticks = ticks
        self._lease = lease
        self._running: set[Turn] = set()
        self._busy = 0
        """Threads that may be at the database: it must not be closed under them."""

        self._change = threading.Condition()
        self._stopped = False
        self._scheduler = _Steady(
            timezone=UTC,
            logger=quiet,
            executors={"default": ThreadPoolExecutor(len(ticks) + 1)},
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": None,
            },
        )

    def start(self) -> None:
        with self._database.change() as tx:
            at = self._clock.now()
            for tick in self._ticks:
                due = tick.next(at) if tick.daily else at
                rows.keep(tx, [tick.name], at, due)
        for tick in self._ticks:
            between = min(max(tick.every / LOOKS, SHORTEST), LONGEST)
            self._again(partial(self.look, tick), between)
        self._again(self._hold, self._lease / 3)
        self._scheduler.start()

    def stop(self, within: float) -> bool:
        """Begin nothing new. Whether what ran has ended, in so many seconds."""
        with self._change:
            self._stopped = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        with self._change:
            return self._change.wait_for(lambda: not self._busy, within)

    def look(self, tick: Tick) -> bool:
        """Run it if it is our turn. Whether it ran."""
        with self._at_work() as may:
            return may and self._look(tick)

    def _look(self, tick: Tick) -> bool:
        try:
            at = self._clock.now()
            turn = self._turn(tick, at)
        except Exception:
            log.exception("tick %s: its turn could not be read", tick.name)
            return False
        if turn is None:
            return False
        try:
            self._end(turn, _said(tick, at))
        finally:
            self._forget(turn)
        return True

    def _turn(self, tick: Tick, at: datetime) -> Turn | None:
        with self._database.read() as tx:
            if not rows.ready(tx, tick.name, at):
                return None
        with self._database.change() as tx:
            every = tick.next(at) - at
            turn = rows.take(tx, tick.name, at, every, self._lease)
        # After the commit: one that was not kept is somebody else's to renew.
        if turn:
            self._remember(turn)
        return turn

    def _end(self, turn: Turn, said: str | None) -> None:
        try:
            with self._database.change() as tx:
                at = self._clock.now()
                ours = (
                    rows.failed(tx, turn, said, at) if said else rows.ran(tx, turn, at)
                )
        except Exception:
            # Its lease runs out, and it runs again.
            log.exception("tick %s: its end could not be noted", turn.name)
            return
        if not ours:
            log.warning("tick %s took longer than its lease held", turn.name)

    def _hold(self) -> None:
        """Renew what runs; a process that hangs as a whole renews nothing."""
        with self._at_work() as may:
            try:
                if may:
                    self._renew()
            except Exception:
                log.exception("the leases of running ticks could not be renewed")

    def _renew(self) -> None:
        with self._change:
            running = sorted(self._running, key=lambda turn: turn.name)
        if not running:
            return
        with self._database.change() as tx:
            for turn in running:
                rows.hold(tx, turn, self._clock.now() + self._lease)

    @contextmanager
    def _at_work(self) -> Iterator[bool]:
        """Whether something new may begin; what has begun is waited for by *stop*."""
        with self._change:
            self._busy += 1
            may = not self._stopped
        try:
            yield may
        finally:
            with self._change:
                self._busy -= 1
                self._change.notify_all()

    def _again(self, work: Callable[[], object], between: timedelta) -> None:
        self._scheduler.add_job(
            work,
            "interval",
            seconds=between.total_seconds(),
            next_run_time=datetime.now(UTC),
        )

    def _remember(self, turn: Turn) -> None:
        with self._change:
            self._running.add(turn)

    def _forget(self, turn: Turn) -> None:
        with self._change:
            self._running.discard(turn)


def _said(tick: Tick, at: datetime) -> str | None:
    """Run it. What to say where it failed, in our own words."""
    try:
        tick.run(at)
    except Outcome as known:
        log.warning("tick %s did not work: %s", tick.name, known)
        return str(known)
    except Exception as error:
        log.exception("tick %s broke off", tick.name)
        # Not its message: libraries quote statements and addresses.
        return f"it broke off ({type(error).__name__}); the log says where"
    return None
