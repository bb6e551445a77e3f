"""Until when a request may leave: a process that stood still must not send it late.

Between the last look at the clock and the first byte on the wire lie a thousand lines,
in any of which a process can be stopped and go on a minute later, when somebody else
has long found that nothing arrived, and sent it again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_BY: ContextVar[float] = ContextVar("by", default=float("inf"))


def ticking() -> float:
    """Seconds that go on evenly, also while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


@contextmanager
def by(moment: float) -> Iterator[None]:
    """Whatever is sent within has to be on its way then, as *ticking* counts."""
    known = _BY.set(moment)
    try:
        yield
    finally:
        _BY.reset(known)


def still() -> None:
    """Asked before each piece of a request. TimeoutError, where it is too late."""
    if ticking() > _BY.get():
        raise TimeoutError
