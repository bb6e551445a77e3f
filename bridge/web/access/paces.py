"""How fast who is known may ask: counted here, in each process by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from bridge.store.paces import Pace

MOST = 10_000
"""Keys kept; beyond that those go that have nothing used up."""


class Paces:
    """The same reckoning as `store.paces`, without a write for every click."""

    def __init__(self, ticking: Callable[[], float] = time.monotonic) -> None:
        self._ticking = ticking
        self._lock = threading.Lock()
        self._used_until: dict[str, timedelta] = {}

    def wait(self, key: str, allowed: Pace) -> float:
        """One try used up: nothing, or the seconds until there is one."""
        now = timedelta(seconds=self._ticking())
        with self._lock:
            if len(self._used_until) > MOST:
                self._used_until = {
                    k: u for k, u in self._used_until.items() if u > now
                }
            used, wait = allowed.one_more(self._used_until.get(key), now)
            if wait <= timedelta():
                self._used_until[key] = used
        return max(wait.total_seconds(), 0.0)
