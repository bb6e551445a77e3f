"""What the web server's process loads: the bridge of the configuration it is told."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path

from flask import Flask

from bridge import app
from bridge.config import Config, load

WORKERS = "SWITCHHOOK_WORKERS"


def bridge() -> Flask:
    say_so()
    return app.start(_told(load(Path(os.environ["SWITCHHOOK_CONFIG"]))))


def say_so() -> None:
    """What happens, to standard error: whoever runs us keeps it."""
    logging.basicConfig(
        level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("alembic").setLevel("WARNING")
    logging.getLogger("apscheduler").setLevel("WARNING")


def _told(config: Config) -> Config:
    """As the command line said, where it said otherwise."""
    workers = os.environ.get(WORKERS)
    if workers is None:
        return config
    return replace(config, serve=replace(config.serve, workers=int(workers)))
