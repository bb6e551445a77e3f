"""What the web server's process loads: the bridge of the configuration it is told."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from flask import Flask

from bridge import app
from bridge.config import load

WORKERS = "SWITCHHOOK_WORKERS"


def bridge() -> Flask:
    say_so()
    told = os.environ.get(WORKERS)
    workers = None if told is None else int(told)
    return app.start(load(Path(os.environ["SWITCHHOOK_CONFIG"]), workers))


def say_so() -> None:
    """What happens, to standard error: whoever runs us keeps it."""
    logging.basicConfig(
        level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("alembic").setLevel("WARNING")
    logging.getLogger("apscheduler").setLevel("WARNING")
