"""Everything is put together here, once, in sight."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.util import Finalize
from typing import Any, Protocol, TypeVar

from flask import Flask

from bridge import answers, duties, orders, platforms, proofs, rotating
from bridge.access.who import Who
from bridge.answers.asked import Wide
from bridge.bulk.turns import Bulk
from bridge.clock import Clock, clock_of
from bridge.commands import upkeep
from bridge.config import Config, ConfigError
from bridge.deliveries import Channel
from bridge.desk import Desk, Drafts, Pace
from bridge.editions import Editions
from bridge.endings import Endings
from bridge.gates import Gates
from bridge.hatch import Handle, Hatch
from bridge.inbox import Inbox
from bridge.keys import Keys
from bridge.listening import Listener
from bridge.lock import Lock
from bridge.logins import Logins
from bridge.platforms.base import Platform
from bridge.platforms.strict import LARGEST
from bridge.pulls.pull import Pull
from bridge.reconcile.reconciler import Reconciler
from bridge.rotating import Ring
from bridge.runner import Runner
from bridge.store import lanes
from bridge.store.committer import Committer
from bridge.store.database import Database
from bridge.waiting import Waiters
from bridge.web import ask, door, headers, health, metrics, reveal
from bridge.web.refusals import Refusals
from bridge.worker import Worker
from provisioning import backends
from provisioning.backends.base import Backend
from provisioning.core.catalog import Catalog

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


@dataclass(frozen=True, slots=True)
class Parts:
    """All that a bridge is made of."""

    config: Config
    clock: Clock
    database: Database
    sources: Mapping[str, Platform]
    rings: Mapping[str, Ring]
    """By source: the secrets that prove it, where they can be rotated."""

    backends: Mapping[str, Backend]
    keys: Keys
    editions: Editions
    channels: Mapping[str, Channel]
    inbox: Inbox
    pulls: Mapping[str, Pull]
    runner: Runner
    worker: Worker
    reconciler: Reconciler
    """As this process itself may write: not beside another one on SQLite."""

    @property
    def catalog(self) -> Catalog:
        """As it is sold now: what was applied last, whatever is written."""
        with self.database.read() as tx:
            return self.editions.now(tx)


def assemble(config: Config, clock: Clock | None = None) -> Parts:
    """Load and check everything; start nothing. ConfigError says what does not fit."""
    database = Database(config.database, pooled=config.listen is not None)
    clock = clock or clock_of(database)
    pace = Pace(lease=config.lease, retry=config.retry)
    faults: list[str] = []
    with _listed(faults):
        keys = Keys.written(config.key, config.old_keys)
    sources = _loaded(config.sources, platforms.load, faults)
    hosts = _loaded(config.backends, backends.load, faults)
    faults += [fault for name in hosts for fault in _too_slow(name, hosts[name], pace)]
    faults += _unheld(config, hosts)
    ways: dict[str, Channel] = {}
    with _listed(faults):
        ways = duties.channels(config)
    if faults:
        lines = (f"{config.path.name}: {fault}" for fault in dict.fromkeys(faults))
        raise ConfigError("\n".join(lines))
    gates = Gates(hosts, config.caps, database, clock, pace.retry[0])
    drafts: Drafts = Committer(database, lanes.keep)
    desk = Desk(database, drafts, gates, clock, pace, keys, duties.mails(config))
    editions = Editions(config.catalog, config.groups)
    logins = Logins(config.mailed, config.login_channel)
    dates = duties.dates(config)
    runner = Runner(desk, editions, keys, Endings(desk, editions), logins, dates)
    inbox = Inbox(database, clock, keys)
    pulls = duties.pulls(config, sources, database, inbox)
    reconciler = Reconciler(
        desk, editions, pulls, duties.tick_of, tuple(sources),
        partial(orders.carry_out, database, clock), config.reporting,
        config.reconcile.keep,
    )  # fmt: skip
    return Parts(
        config=config,
        clock=clock,
        database=database,
        sources=sources,
        rings=rotating.serve(sources, keys, database),
        backends=hosts,
        keys=keys,
        editions=editions,
        channels=ways,
        inbox=inbox,
        pulls=pulls,
        runner=runner,
        worker=Worker(runner),
        reconciler=reconciler,
    )


def create_app(parts: Parts, ending: threading.Event | None = None) -> Flask:
    """*ending* is set when the process is told to end: nobody is kept waiting then."""
    app = Flask("bridge")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    headers.on(app)
    # Half the threads may wait for the end of something; the others take things in.
    most = parts.config.serve.threads // 2
    waiters = Waiters(parts.database, most, ending)
    app.register_blueprint(
        door.blueprint(
            parts.sources,
            parts.inbox,
            parts.database,
            parts.clock,
            waiters,
            parts.worker.nudge,
        )
    )
    door.errors(app, Refusals(parts.database, parts.clock, parts.sources))
    # Nor may questions keep events out: of the threads they take a quarter.
    least = max(1, parts.config.serve.threads // 4)
    app.register_blueprint(
        ask.blueprint(parts.sources, parts.clock, _answers(parts), least)
    )
    brands, database = parts.config.brands, parts.database
    app.register_blueprint(reveal.blueprint(brands, database, parts.keys, parts.clock))
    config = parts.config
    floor = health.Floor(config.folder, config.serve.disk_free)
    app.register_blueprint(health.blueprint(parts.database, parts.clock, floor))
    if config.metrics:
        ends, token = duties.key_ends(parts.backends), config.metrics.token
        shown = metrics.blueprint(parts.database, parts.clock, ends, token)
        app.register_blueprint(shown)
    return app


def _answers(parts: Parts) -> ask.Answer:
    def carry_out(name: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
        told = orders.carry_out(parts.database, parts.clock, name, said)
        parts.worker.nudge()
        return told

    wide = Wide(parts.config, parts.runner.desk, parts.editions, carry_out)
    return partial(answers.answer, wide)


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


Part = TypeVar("Part")


def _loaded(
    tables: Mapping[str, Mapping[str, Any]],
    load: Callable[[str, str, Mapping[str, Any]], Part],
    faults: list[str],
) -> dict[str, Part]:
    """Those that can be; why the others cannot is added to the faults."""
    made: dict[str, Part] = {}
    for name, table in tables.items():
        with _listed(faults):
            made[name] = load(_kind(name, table), name, _rest(table))
    return made


@contextmanager
def _listed(faults: list[str]) -> Iterator[None]:
    try:
        yield
    except ValueError as wrong:
        faults.append(str(wrong))


def _too_slow(name: str, backend: Backend, pace: Pace) -> list[str]:
    """A lease must outlast a call, or no call would ever be begun."""
    call, margin = backend.describe().call_deadline, pace.margin.total_seconds()
    if pace.lease.total_seconds() > call + margin:
        return []
    least = f"more than {call + margin:.0f}, or no call to {name} would ever begin"
    return [f"lease: must be {least}: its call_deadline and {margin:.0f} seconds"]


def _unheld(config: Config, hosts: Mapping[str, Backend]) -> list[str]:
    """A package promises only what every backend it may be on can hold."""
    return [
        f'packages.{package.name}: backend "{name}" cannot hold {", ".join(more)};'
        " drop it, or choose another backend"
        for package in config.catalog.packages.values()
        for name in package.group or (package.backend,)
        if name in hosts
        and (more := package.entitlements.keys() - hosts[name].describe().entitlements)
    ]


def _kind(name: str, table: Mapping[str, Any]) -> str:
    kind = table.get("kind")
    if kind is None:
        raise ValueError(f'"{name}" needs its kind, as in kind = "signed"')
    return str(kind)


def _rest(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key != "kind"}
