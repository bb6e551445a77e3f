"""Everything is put together here, once, in sight."""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from bridge import platforms
from bridge.clock import Clock
from bridge.config import Config, ConfigError
from bridge.keys import Keys
from bridge.lock import Lock
from bridge.platforms.base import Platform
from bridge.platforms.strict import LARGEST
from bridge.runner import Runner
from bridge.store import lanes
from bridge.store.database import Database
from bridge.web import door
from bridge.work import Pace
from bridge.worker import Worker
from provisioning import backends
from provisioning.backends.base import Backend

DRAIN = 20.0
"""Seconds a stop may take to finish what is under way."""


@dataclass(frozen=True, slots=True)
class Parts:
    """All that a bridge is made of."""

    config: Config
    clock: Clock
    database: Database
    sources: Mapping[str, Platform]
    backends: Mapping[str, Backend]
    keys: Keys
    runner: Runner
    worker: Worker


def assemble(config: Config, clock: Clock | None = None) -> Parts:
    """Load and check everything; start nothing. ConfigError says what does not fit."""
    clock, database = clock or Clock(), Database(config.database)
    try:
        keys = Keys(config.key.encode())
        sources = {
            name: platforms.load(_kind(name, table), name, _rest(table))
            for name, table in config.sources.items()
        }
        hosts = {
            name: backends.load(_kind(name, table), name, _rest(table))
            for name, table in config.backends.items()
        }
    except ValueError as wrong:
        raise ConfigError(f"{config.path.name}: {wrong}") from None
    pace = Pace(lease=config.lease, retry=config.retry)
    runner = Runner(database, hosts, config.catalog, keys, clock, pace)
    worker = Worker(runner, config.serve.workers)
    return Parts(config, clock, database, sources, hosts, keys, runner, worker)


def create_app(parts: Parts) -> Flask:
    app = Flask("bridge")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.register_blueprint(
        door.blueprint(parts.sources, parts.database, parts.clock, parts.worker.nudge)
    )
    door.errors(app)
    app.add_url_rule("/livez", view_func=lambda: ("alive\n", 200))
    return app


def start(config: Config) -> Flask:
    """A bridge that serves and works: on SQLite both are this one process."""
    parts = assemble(config)
    database = parts.database
    if database.embedded:
        Lock(str(database.url.database)).take()
    database.upgrade()
    if database.embedded:
        with database.change() as tx:
            lanes.free_all(tx, parts.clock.now())
    parts.worker.start()
    atexit.register(parts.worker.stop, DRAIN)
    return create_app(parts)


def _kind(name: str, table: Mapping[str, Any]) -> str:
    kind = table.get("kind")
    if kind is None:
        raise ValueError(f'"{name}" needs its kind, as in kind = "signed"')
    return str(kind)


def _rest(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key != "kind"}
