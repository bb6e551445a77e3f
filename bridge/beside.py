"""A process of pages beside the bridge: it reads what that writes, at its time."""

from __future__ import annotations

import os
from pathlib import Path

from bridge import app, clock, log
from bridge.config import Config, load
from bridge.store.database import Database


def begun() -> app.Parts:
    """In such a process: of the configuration it is told."""
    config = load(Path(os.environ["SWITCHHOOK_CONFIG"]))
    log.set_up(config.log)
    return parts(config)


def parts(config: Config) -> app.Parts:
    database = Database(config.database)
    followed = clock.beside(database)
    if followed is None:
        database.close()
    return app.assemble(config, followed)
