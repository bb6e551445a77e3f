"""How fast who is known may ask: counted here, in each process by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from bridge.store.paces import Pace

MOST = 10_000
"""Keys kept; beyond that those go that have nothing used up."""


class Paces:
    """The same reckoning as `store.paces`, without a write for every click."""

    def __init__(self, ticking: Callable[[], float] = time.monotonic) -> None:
        self._ticking = ticking
        self._lock = threading.Lock()
        self._used_until: dict[str, float] = {}

    def wait(self, key: str, allowed: Pace) -> float:
        """One try used up: nothing, or the seconds until there is one."""
        every, now = allowed.every.total_seconds(), self._ticking()
        with self._lock:
            if len(self._used_until) > MOST:
                self._used_until = {
                    k: u for k, u in self._used_until.items() if u > now
                }
            used = max(self._used_until.get(key, now), now) + every
            wait = used - (now + every * allowed.burst)
            if wait <= 0:
                self._used_until[key] = used
            return max(wait, 0.0)
