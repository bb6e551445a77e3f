"""GET /livez: this process answers. GET /readyz: so does the database; how late."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify

from bridge.clock import Clock
from bridge.store import lanes
from bridge.store.database import Database
from bridge.web.problems import problem


def blueprint(database: Database, clock: Clock) -> Blueprint:
    health = Blueprint("health", __name__)

    @health.get("/livez")
    def live() -> tuple[str, int]:
        return "alive\n", 200

    @health.get("/readyz")
    def ready() -> Response:
        """Ready to take in; backends may be down all the same."""
        try:
            at = clock.now()
            with database.read() as tx:
                queued = lanes.queued(tx, at)
        except sa.exc.DBAPIError:
            return problem(503, "no_database", "The database does not answer.")
        oldest = min((queue.oldest for queue in queued.values()), default=at)
        return jsonify(
            waiting=sum(queue.count for queue in queued.values()),
            oldest_seconds=round((at - oldest).total_seconds(), 1),
        )

    return health
