"""All that a bridge is made of is put together here, once, in sight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from bridge import duties, orders, platforms, rotating
from bridge.clock import Clock, clock_of
from bridge.config import Config, ConfigError
from bridge.deliveries import Channel
from bridge.desk import Desk, Drafts, Pace
from bridge.editions import Editions
from bridge.endings import Endings
from bridge.gates import Gates
from bridge.inbox import Inbox
from bridge.keys import Keys
from bridge.logins import Logins
from bridge.platforms.base import Platform
from bridge.pulls.pull import Pull
from bridge.reconcile.reconciler import Reconciler
from bridge.rotating import Ring
from bridge.runner import Runner
from bridge.store import lanes
from bridge.store.committer import Committer
from bridge.store.database import Database
from bridge.worker import Worker
from provisioning import backends
from provisioning.backends.base import Backend
from provisioning.core.catalog import Catalog


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
