"""A process of pages beside the bridge: it reads what that writes, at its time."""

from __future__ import annotations

import os
from pathlib import Path

from bridge import clock, log
from bridge.config import Config, load
from bridge.parts import Parts, assemble
from bridge.store.database import Database


def begun() -> Parts:
    """In such a process: of the configuration it is told."""
    config = load(Path(os.environ["SWITCHHOOK_CONFIG"]))
    log.set_up(config.log)
    return parts(config)


def parts(config: Config) -> Parts:
    database = Database(config.database)
    followed = clock.beside(database)
    if followed is None:
        database.close()
    return assemble(config, followed)
