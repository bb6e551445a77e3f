"""The web application of a bridge: events come in here, and questions are answered."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Flask

from bridge import answers, duties, orders
from bridge.answers.asked import Wide
from bridge.parts import Parts
from bridge.platforms.strict import LARGEST
from bridge.waiting import Waiters
from bridge.web import ask, door, headers, health, metrics, reveal
from bridge.web.refusals import Refusals


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
