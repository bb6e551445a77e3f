"""Senders that wait for the end of what they told: a few, with one poller for all."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

from bridge.store import operations
from bridge.store.database import Database
from bridge.store.operations import Operation
from provisioning.core.heard import Fate

log = logging.getLogger(__name__)

POLL = 0.02
AFTER_A_FAILURE = 1.0
LONGEST = 20
"""Seconds. WHMCS itself gives up on a module call after about half a minute."""

GOING_ON = {Fate.ACCEPTED, Fate.WORKING}
PUT_OFF = {"later", "closed"}
"""What is tried again later does not end within anybody's patience."""


def over(operation: Operation) -> bool:
    """Whether waiting longer is of no use: it ended, or will not end soon."""
    why = operation.why.code if operation.why else None
    return operation.fate not in GOING_ON or why in PUT_OFF


@dataclass(slots=True, eq=False)
class _Waiter:
    name: str
    ended: threading.Event = field(default_factory=threading.Event)
    found: Operation | None = None


class Waiters:
    """At most *most* at once: the other threads go on taking things in.

    When the process is *ending* they hear how far it is; a stop waits for no sender.
    """

    def __init__(
        self, database: Database, most: int, ending: threading.Event | None = None
    ) -> None:
        self._database = database
        self._ending = ending or threading.Event()
        self._most = most
        self._there: list[_Waiter] = []
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None

    def wait(self, name: str, seconds: float) -> Operation | None:
        """The operation when it is over, or so far; None where too many wait."""
        mine = _Waiter(name)
        with self._news:
            if len(self._there) >= self._most:
                return None
            self._there.append(mine)
            self._poller()
            self._news.notify()
        mine.ended.wait(seconds)
        with self._news:
            self._there.remove(mine)
        return mine.found

    def _poller(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._poll, name="waiters", daemon=True
            )
            self._thread.start()

    def _poll(self) -> None:
        while True:
            with self._news:
                while not self._there:
                    self._news.wait()
                self._news.wait(POLL)
                waiting = list(self._there)
            try:
                self._look(waiting)
            except Exception:
                log.exception("waiters could not be told")
                time.sleep(AFTER_A_FAILURE)
            if self._ending.is_set():
                for waiter in waiting:
                    waiter.ended.set()

    def _look(self, waiting: list[_Waiter]) -> None:
        with self._database.read() as tx:
            found = operations.all_named(tx, {waiter.name for waiter in waiting})
        for waiter in waiting:
            waiter.found = found.get(waiter.name)
            if waiter.found and over(waiter.found):
                waiter.ended.set()
