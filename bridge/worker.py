"""Takes lanes as they come due and hands them to threads. It decides nothing.

Each backend has places of its own, so that one which hangs holds up no other. There are
more places than calls at once: while some wait for an answer, others plan and note.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import sqlalchemy as sa

from bridge.gates import Gate
from bridge.runner import Runner
from bridge.store import lanes
from bridge.store.database import transient
from bridge.store.lanes import Lane
from bridge.work import Work

log = logging.getLogger(__name__)

SOONEST, IDLE = 0.1, 1.0
"""Seconds between two looks at the queue when nobody nudges: at first, and later."""

NEAR = 0.005
PER_CALL = 2
"""Accounts in hand for each call at once."""

SOME = 4
"""A quarter of the places free is enough to claim more lanes."""

INTAKE = None
"""Lanes without a backend, and now and then those of one we do not know."""

Crew = str | None


@dataclass(slots=True)
class Worker:
    runner: Runner
    intake: int = 8
    """Lanes sorted at once; they call nobody."""

    _stop: threading.Event = field(default_factory=threading.Event)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _unread: bool = False
    _free: dict[Crew, int] = field(default_factory=dict)
    _size: dict[Crew, int] = field(default_factory=dict)
    _places: int = 0
    _asking: int = 0
    """Paused backends that are just being asked whether they work again."""

    _pool: ThreadPoolExecutor | None = None
    _thread: threading.Thread | None = None
    _seen: float = 0.0
    _wait: float = SOONEST

    def start(self) -> None:
        self._free = {gate.name: gate.caps.calls * PER_CALL for gate in self._gates}
        self._free[INTAKE] = self.intake
        self._size = dict(self._free)
        self._places = sum(self._free.values())
        # One more asks paused backends, however slowly they answer.
        self._pool = ThreadPoolExecutor(self._places + 1, "worker")
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """Something came in, or a place is free: look now."""
        with self._news:
            self._unread = True
            self._news.notify()

    def stop(self, within: float) -> bool:
        """Finish what is under way. Whether all did, in so many seconds."""
        self._stop.set()
        self.nudge()
        until = time.monotonic() + within
        if self._thread:
            self._thread.join(within)
        while not self._idle_places() and time.monotonic() < until:
            time.sleep(0.005)
        if self._pool:
            self._pool.shutdown(wait=False)
        return self._idle_places() and not (self._thread and self._thread.is_alive())

    @property
    def _gates(self) -> list[Gate]:
        return list(self.runner.desk.gates)

    def _idle_places(self) -> bool:
        with self._news:
            return not self._asking and sum(self._free.values()) == self._places

    def _work(self) -> None:
        while not self._stop.is_set():
            if self._guarded(self._take):
                self._wait = SOONEST
            else:
                self._rest()

    def _guarded(self, do: Callable[[], bool]) -> bool:
        try:
            return do()
        except Exception:
            # What was leased comes due by itself, and what was under way is looked for.
            log.exception("the queue could not be worked on")
            self._stop.wait(IDLE)
            return False

    def _take(self) -> bool:
        """Whether any lane was due that we had a place for."""
        with self._news:
            self._unread = False
        strays = self._look_around()
        # Intake first: what it sorts is due for the others at once.
        sorted_ = self._sort()
        filled = [self._fill(crew, crew) for crew in self._free if crew is not INTAKE]
        return any([strays, sorted_, *filled])

    def _sort(self) -> bool:
        with self._news:
            places = self._free[INTAKE]
        if not places:
            return False
        try:
            due, left = self.runner.sort(places)
        except sa.exc.OperationalError as error:
            if not transient(error):
                raise
            return True  # two who sort met: those lanes are due still
        self._hand_out(INTAKE, left)
        return bool(due)

    def _look_around(self) -> bool:
        """What need not be looked at more than once a second."""
        if time.monotonic() - self._seen <= IDLE:
            return False
        self._seen = time.monotonic()
        for gate in self.runner.desk.gates.refresh():
            with self._news:
                self._asking += 1
            self._submit(partial(self._ask, gate))
        return self._fill(INTAKE, lanes.STRAY)

    def _ask(self, gate: Gate) -> None:
        try:
            gate.probe()
        except Exception:
            log.exception("backend %s could not be asked", gate.name)
        finally:
            with self._news:
                self._asking -= 1
            self.nudge()  # what waited for it may go on

    def _fill(self, crew: Crew, whose: Crew) -> bool:
        with self._news:
            places = self._free[crew]
        paused = any(gate.name == crew and gate.paused for gate in self._gates)
        if paused or not places:
            return False
        held = self.runner.claim(places, whose)
        self._hand_out(crew, held)
        return bool(held)

    def _hand_out(self, crew: Crew, held: list[Lane]) -> None:
        with self._news:
            self._free[crew] -= len(held)
        jobs = self.runner.load(held) if held else {}
        for lane in held:
            self._submit(partial(self._bring, crew, lane, jobs.get(lane.key)))

    def _submit(self, do: Callable[[], None]) -> None:
        assert self._pool is not None  # noqa: S101 - start made it
        self._pool.submit(do)

    def _bring(self, crew: Crew, lane: Lane, job: Work | Exception | None) -> None:
        try:
            self.runner.bring(lane, job)
        except Exception:
            log.exception(
                "lane %s could not be brought in line or given back", lane.key
            )
        finally:
            with self._news:
                self._free[crew] += 1
                # Not for each one: lanes are claimed some at a time.
                enough = self._free[crew] * SOME >= self._size[crew]
            if enough:
                self.nudge()

    def _rest(self) -> None:
        """Until a nudge, or the next due lane; at the longest a second."""
        wait = self._next()
        with self._news:
            if not self._unread and not self._stop.is_set():
                self._news.wait(wait)
            # Quiet for long, it looks less often; news, and it is all ears again.
            self._wait = SOONEST if self._unread else min(IDLE, self._wait * 2)

    def _deaf(self) -> list[Crew]:
        """Those whose due lanes would not be taken: no place free, or paused."""
        with self._news:
            full = [crew for crew, places in self._free.items() if not places]
        return full + [gate.name for gate in self._gates if gate.paused]

    def _next(self) -> float:
        try:
            due = self.runner.next_due(self._deaf())
        except Exception:
            log.exception("the queue could not be read")
            return IDLE
        # What is long due and was not to be had just now is somebody else's: no hurry.
        return self._wait if due is None else min(self._wait, max(NEAR, abs(due)))
