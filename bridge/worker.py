"""Threads that take lanes as they come due. They decide nothing."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

from bridge.runner import Runner

log = logging.getLogger(__name__)

IDLE = 1.0
"""Seconds between two looks at the queue when nobody nudges."""

NEAR = 0.02


@dataclass(slots=True)
class Worker:
    runner: Runner
    count: int
    _stop: threading.Event = field(default_factory=threading.Event)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _unread: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for no in range(self.count):
            thread = threading.Thread(
                target=self._work, name=f"worker {no + 1}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def nudge(self) -> None:
        """Something came in: one thread may look now."""
        with self._news:
            self._unread += 1
            self._news.notify()

    def stop(self, within: float) -> bool:
        """Finish what is under way. Whether all threads did, in so many seconds."""
        self._stop.set()
        with self._news:
            self._news.notify_all()
        until = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while not self._stop.is_set():
            if not self._run():
                self._wait()

    def _run(self) -> bool:
        try:
            return self.runner.run()
        except Exception:
            # The lease runs out by itself, and what was under way is looked for.
            log.exception("a lane could not be brought in line or given back")
            return False

    def _wait(self) -> None:
        with self._news:
            if not self._unread and not self._stop.is_set():
                self._news.wait(self._idle())
            self._unread = max(0, self._unread - 1)

    def _idle(self) -> float:
        try:
            due = self.runner.next_due()
        except Exception:
            log.exception("the queue could not be read")
            return IDLE
        return IDLE if due is None else min(IDLE, max(NEAR, due))
