"""The gate before a backend: so many calls at once, so many a second, none when paused.

A backend that fails again and again is paused for everybody, and asked now and then
whether it works: nobody's tries are used up on it, and others are not held up.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge import jitter
from bridge.clock import Clock
from bridge.config import Caps
from bridge.store import backends, queues
from bridge.store.backends import Pause
from bridge.store.database import Database
from provisioning.backends.base import Backend
from provisioning.core.outcomes import Later, Outcome

log = logging.getLogger(__name__)

ENOUGH = 5
"""Failures in a row after which it is not this account, but the backend."""

SHORTEST, LONGEST = timedelta(seconds=5), timedelta(minutes=1)
PROBING = timedelta(seconds=30)
"""Who asks whether it works has so long; then somebody else may."""

BLOCKS = 4
"""A second's calls are reserved in so many pieces."""

PATIENT = 1.0
"""Seconds of waiting for a turn after which a lease wants to be looked after."""


def _nothing() -> None:
    pass


@dataclass(slots=True, eq=False)
class Gate:
    """Of one backend, in one process."""

    name: str
    backend: Backend
    caps: Caps
    database: Database
    clock: Clock
    shortest: timedelta = SHORTEST
    paused: Pause | None = None
    _places: threading.Semaphore = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _counting: threading.Lock = field(default_factory=threading.Lock)
    _failures: int = 0
    _pauses: int = 0
    changes: int = 0
    """How often it was paused or opened from here: what was read before is old."""

    _mine: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._places = threading.Semaphore(self.caps.calls)

    @contextmanager
    def turn(self, meanwhile: Callable[[], None] = _nothing) -> Iterator[None]:
        """Our turn to call, as soon as there is room. Later, where it is paused.

        *meanwhile* is done again and again while it takes long: a lease is kept so.
        """
        self._open()
        while not self._places.acquire(timeout=PATIENT):
            self._open()
            meanwhile()
        try:
            if self.caps.rate:
                self._slowly(self.caps.rate, meanwhile)
            self._open()
            yield
        finally:
            self._places.release()

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Around one call: what it comes to is heard."""
        try:
            yield
        except Outcome as outcome:
            self.heard(outcome)
            raise
        self.heard(None)

    def heard(self, outcome: Outcome | None) -> None:
        """What a call came to. None, or any answer at all, means that it works."""
        with self._counting:
            if not isinstance(outcome, Later):
                self._failures = self._pauses = 0
                return
            self._failures += 1
            # Calls that were under way when it was paused say nothing new.
            enough = outcome.closed or self._failures >= ENOUGH
            if not enough or self.paused:
                return
            self._pause(outcome)

    def _pause(self, because: Later) -> None:
        """For all machines, for ever longer while it goes on."""
        step = min(self.shortest * 2**self._pauses, LONGEST)
        wait = step * jitter.between(0.5, 1)
        self._pauses = min(self._pauses + 1, 10)
        until = self.clock.now() + max(wait, because.after or wait)
        log.warning("backend %s is paused: %s", self.name, because)
        with self.database.change() as tx:
            backends.pause(tx, self.name, until, str(because), by_hand=False)
        self._change(Pause(until, str(because), by_hand=False))

    def probe(self) -> None:
        """Ask whether it works again; it is ours to ask just now."""
        try:
            self.backend.ping()
        except Outcome as still:
            with self._counting:
                self._pause(still if isinstance(still, Later) else Later(str(still)))
            return
        with self._counting:
            # It answers; whether it works shows the next call: one no is enough then.
            self._failures = ENOUGH - 1
            with self.database.change() as tx:
                ended = backends.resume(tx, self.name, by_hand=False)
                if ended:
                    queues.count_anew(tx, self.name, self.clock.now())
            if ended:
                self._change(None)
                log.warning("backend %s works again", self.name)

    def learn(self, pause: Pause | None, changes: int) -> bool:
        """What the database said; not where it changed here since it was asked."""
        with self._counting:
            if self.changes != changes:
                return False
            self.paused = pause
            return True

    def _change(self, pause: Pause | None) -> None:
        self.paused = pause
        self.changes += 1

    def _open(self) -> None:
        if self.paused:
            raise Later(
                f"backend {self.name} is paused ({self.paused.because}).", closed=True
            )

    def _slowly(self, rate: float, meanwhile: Callable[[], None]) -> None:
        moment = self._next(rate)
        while (wait := (moment - self.clock.now()).total_seconds()) > 0:
            time.sleep(min(wait, PATIENT))
            self._open()
            meanwhile()

    def _next(self, rate: float) -> datetime:
        with self._lock:
            calls, every = max(1, int(rate / BLOCKS)), timedelta(seconds=1 / rate)
            # Moments long past would all be used at once, on top of what is due now.
            stale = self.clock.now() - calls * every
            self._mine = [moment for moment in self._mine if moment > stale]
            if not self._mine:
                with self.database.change() as tx:
                    at = self.clock.now()
                    first = backends.reserve(tx, self.name, at, calls, every)
                self._mine = [first + n * every for n in reversed(range(calls))]
            return self._mine.pop()


class Gates:
    """All of them, and what is known of their pauses."""

    def __init__(
        self,
        hosts: Mapping[str, Backend],
        caps: Mapping[str, Caps],
        database: Database,
        clock: Clock,
        shortest: timedelta = SHORTEST,
    ) -> None:
        self._database, self._clock = database, clock
        self._gates = {
            name: Gate(name, host, caps.get(name, Caps()), database, clock, shortest)
            for name, host in hosts.items()
        }

    def __getitem__(self, name: str) -> Gate:
        return self._gates[name]

    def __contains__(self, name: str) -> bool:
        return name in self._gates

    def __iter__(self) -> Iterator[Gate]:
        return iter(self._gates.values())

    def learn(self) -> dict[str, Pause]:
        """What is paused, whoever paused it."""
        while True:
            changes = {gate: gate.changes for gate in self}
            with self._database.read() as tx:
                known = backends.paused(tx)
            learned = [g.learn(known.get(g.name), n) for g, n in changes.items()]
            if all(learned):
                return known

    def refresh(self) -> list[Gate]:
        """Learn what others paused; the gates it is ours to probe now."""
        known = self.learn()
        at = self._clock.now()
        if not any(pause.until <= at for pause in known.values()):
            return []
        with self._database.change() as tx:
            for name in backends.end_by_hand(tx, at):
                queues.count_anew(tx, name, at)
            names = backends.to_probe(tx, at, at + PROBING)
        for gate in self:
            if gate.name not in names and gate.paused and gate.paused.until <= at:
                gate.paused = None if gate.paused.by_hand else gate.paused
        return [gate for gate in self if gate.name in names]
