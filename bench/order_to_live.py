"""From the accepted order to the live account, less what the backend's calls took.

One order in flight, idle otherwise. The bridge works as when serving, its threads woken
by the inbox; the simulator is a process of its own. *ours* is the time we add, *theirs*
the sum of the calls as we waited for them, both of the same orders.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from bench.pairs import spread
from bench.places import WIRE, Place, databases, simulator
from bridge import boundaries
from bridge.app import create_app
from bridge.config import load
from bridge.parts import Parts, assemble
from bridge.platforms import signature

ORDERS, WARM_UP = 200, 20
LANES = 1
"""An order is brought in line in its account's lane; intake sorts many at once."""

ACCEPTED = 202
BODY = (
    '{{"spec": "1", "type": "service.activate", "occurred_at": "{at}",'
    ' "account": {{"ref": "c{no}"}}, "billing": {{"line_ref": "l{no}"}},'
    ' "service": {{"ref": "s{no}", "plan_ref": "starter"}}}}'
)


def measure() -> Iterator[dict[str, Any]]:
    for name in ("sqlite", "postgresql"):
        with databases(name) as places, simulator() as url:
            wire = WIRE.format(url=url)
            place = places.place(kind="ictbroadcast", backend=wire)
            yield {"database": name, "connections": 1, **_measured(place)}


def _measured(place: Place) -> dict[str, Any]:
    parts = assemble(load(place.path))
    watch = Watch(parts)
    client = create_app(parts).test_client()
    parts.worker.start()
    key = signature.keys("shop", [f"whsec_{place.secret}"])[0]
    for no in range(WARM_UP + ORDERS):
        at = datetime.now(UTC)
        body = BODY.format(at=at.isoformat(), no=no).encode()
        headers = signature.signed(key, f"e{no}", body, at)
        headers |= {"content-type": "application/json"}
        watch.order(
            lambda h=headers, b=body: client.post("/hooks/shop", data=b, headers=h)
        )
    parts.worker.stop(5)
    parts.database.close()
    return watch.figures()


class Watch:
    """Stops the time at the boundaries the walk passes, and around each call."""

    def __init__(self, parts: Parts) -> None:
        self._calls = self._accepted = self._live = 0.0
        self._passes, self._done = 0, threading.Event()
        self._own: list[float] = []
        self._theirs: list[float] = []
        transport: Any = parts.backends["main"]._transport  # noqa: SLF001 - measured from outside
        self._post = transport.post
        transport.post = self._timed
        boundaries.passed = self._passed

    def order(self, post: Callable[[], Any]) -> None:
        self._calls, self._passes = 0.0, 0
        self._done.clear()
        answer = post()
        if answer.status_code != ACCEPTED or not self._done.wait(10):
            raise RuntimeError(f"an order did not end: {answer.text}")
        self._own.append(self._live - self._accepted - self._calls)
        self._theirs.append(self._calls)
        # Idle means idle: the threads are back at waiting before the next one comes.
        time.sleep(0.01)

    def figures(self) -> dict[str, Any]:
        ours, theirs = sorted(self._own[WARM_UP:]), self._theirs[WARM_UP:]
        p50, calls = statistics.median(ours), statistics.median(theirs)
        return {
            "orders": len(ours),
            "ours": round(p50 * 1000, 2),
            "p99_ms": round(ours[int(len(ours) * 0.99)] * 1000, 2),
            "peer": "the sum of the backend's calls",
            "theirs": round(calls * 1000, 2),
            **spread([o / t for o, t in zip(self._own[WARM_UP:], theirs, strict=True)]),
            "unit": "ms",
        }

    def _timed(self, *args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return self._post(*args, **kwargs)
        finally:
            self._calls += time.perf_counter() - began

    def _passed(self, name: str) -> None:
        if name == "committed":
            self._accepted = time.perf_counter()
        if name == "final state":
            self._passes += 1
            if self._passes == LANES:
                self._live = time.perf_counter()
                self._done.set()
