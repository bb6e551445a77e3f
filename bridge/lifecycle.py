"""The life of a bridge's process: it begins, works by itself, and ends in time."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from multiprocessing.util import Finalize
from typing import Any, Protocol

from flask import Flask

from bridge import duties, orders, proofs
from bridge.access.who import Who
from bridge.app import create_app
from bridge.bulk.turns import Bulk
from bridge.commands import upkeep
from bridge.config import Config
from bridge.hatch import Handle, Hatch
from bridge.keys import Keys
from bridge.listening import Listener
from bridge.lock import Lock
from bridge.parts import Parts, assemble
from bridge.store import lanes

log = logging.getLogger(__name__)

DRAIN = 20.0
"""Seconds a stop may take to finish what is under way."""


class Ending(threading.Event):
    """Set when the process is told to end; from then on it has DRAIN seconds."""

    leaving = False
    """Whether it has come to finishing what is under way."""

    _since: float | None = None

    def set(self) -> None:
        if self._since is None:
            self._since = time.monotonic()
        super().set()

    @property
    def passed(self) -> float:
        """Seconds since."""
        return 0.0 if self._since is None else time.monotonic() - self._since


def _nothing() -> None:
    pass


def start(
    config: Config,
    ending: Ending | None = None,
    begin: Callable[[], None] = _nothing,
) -> Flask:
    """A bridge that serves, and works unless it is told to leave that to others."""
    parts, ending = assemble(config), ending or Ending()
    if config.serve.workers or parts.database.embedded:
        # Not atexit: where the web server forks its processes, Python 3.11 ends them
        # without it, and nothing under way would be finished.
        Finalize(None, _leave, (work(parts, ending, begin),), exitpriority=0)
    else:
        parts.database.upgrade()
        parts.editions.begin(parts.database, parts.clock.now())
    return create_app(parts, ending)


def work(
    parts: Parts,
    ending: Ending | None = None,
    begin: Callable[[], None] = _nothing,
) -> Callable[[], bool]:
    """Bring accounts in line from now on; gives what ends it, and whether it did.

    *begin* is called when all is ready and nothing under way yet.
    """
    database, worker = parts.database, parts.worker
    if database.embedded:
        Lock(str(database.url.database)).take()
    database.upgrade()
    if database.embedded:
        with database.read() as tx:
            parts.clock.follow(tx)
    parts.editions.begin(database, parts.clock.now())
    if database.embedded:
        with database.change() as tx:
            lanes.free_all(tx, parts.clock.now())
    keys = duties.key_ends(parts.backends)
    own = proofs.on_their_own(parts.backends, parts.config.accepting)
    unproven = proofs.needed(parts.config.catalog, own)
    beside = duties.duties(
        parts.config, database, parts.clock, parts.channels, keys, unproven,
        parts.pulls, parts.runner.desk.gates, parts.reconciler,
        [bulk(parts).tick],
    )  # fmt: skip
    running: list[Running] = [worker, beside]
    if database.embedded:
        running.append(Hatch(str(database.url.database), _orders(parts)))
    else:
        url = parts.config.listen or parts.config.database
        running.append(Listener(url, worker.nudge))
    begin()
    for each in running:
        each.start()
    return lambda: _stop(running, ending or Ending())


def bulk(parts: Parts) -> Bulk:
    """What was ordered for many at once."""

    def order(who: Who, name: str, /, **said: Any) -> dict[str, Any]:
        written = orders.as_said_by(who, said)
        told = orders.carry_out(parts.database, parts.clock, name, written)
        parts.worker.nudge()
        return told

    return Bulk(parts.runner.desk, parts.editions, parts.config.caps, order)


def _orders(parts: Parts) -> Handle:
    def handle(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
        if name == upkeep.RESEAL and said.get("by") not in _names(parts.keys):
            raise LookupError(
                "the bridge that runs was started without that key; start it anew first"
            )
        told = orders.carry_out(parts.database, parts.clock, name, said)
        # Who is told that a backend is paused must not see it called after that.
        parts.runner.desk.gates.learn()
        parts.worker.nudge()
        return told

    return handle


def _names(keys: Keys) -> set[str]:
    return {key.name for key in keys.each}


class Running(Protocol):
    def start(self) -> None: ...

    def stop(self, within: float) -> bool: ...


def _leave(stop: Callable[[], bool]) -> None:
    if not stop() and multiprocessing.parent_process():
        leave_at_once()


def leave_at_once() -> None:
    """Python waits for every thread, and a backend may let one wait for long."""
    os._exit(0)


def _stop(running: Iterable[Running], ending: Ending) -> bool:
    until = time.monotonic() + max(0.0, DRAIN - ending.passed)
    ended = [each.stop(max(0.0, until - time.monotonic())) for each in running]
    if not all(ended):
        log.warning("what was not finished in %.0f s is looked for later", DRAIN)
    return all(ended)
