"""Hears from PostgreSQL that something came in elsewhere: a hint, polling is truth.

On a connection of its own, not through a pooler: there LISTEN is lost.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import psycopg
import sqlalchemy as sa

log = logging.getLogger(__name__)

CHANNEL = "switchhook"
PATIENCE, LONGEST = 1.0, 30.0


class Listener:
    """Calls *nudge* for each hint, until it is stopped."""

    def __init__(self, url: str, nudge: Callable[[], None]) -> None:
        plain = sa.make_url(url).set(drivername="postgresql")
        self._url = plain.render_as_string(hide_password=False)
        self._nudge = nudge
        self._wait = PATIENCE
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within: float) -> bool:
        self._stop.set()
        self._thread.join(within)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except psycopg.Error as gone:
                log.warning("no hints from the database: %s", type(gone).__name__)
                self._stop.wait(self._wait)
                self._wait = min(LONGEST, self._wait * 2)

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as heard:
            heard.execute(f"LISTEN {CHANNEL}")
            self._wait = PATIENCE
            self._nudge()  # what was said meanwhile was not heard
            while not self._stop.is_set():
                for _ in heard.notifies(timeout=0.5, stop_after=1):
                    self._nudge()
