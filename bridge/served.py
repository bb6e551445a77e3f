"""What the web server's process loads: the bridge of the configuration it is told."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from flask import Flask

from bridge import app
from bridge.config import load


def bridge() -> Flask:
    logging.basicConfig(
        level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("alembic").setLevel("WARNING")
    return app.start(load(Path(os.environ["SWITCHHOOK_CONFIG"])))
