"""GET /livez: this process answers. GET /readyz: it can take in; and how late it is."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify

from bridge.clock import Clock
from bridge.store import queues, revisions
from bridge.store.database import Database
from bridge.web.problems import problem

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Floor:
    """How much must be free where we write, in MiB."""

    folder: Path
    least: int

    @property
    def free(self) -> int:
        return shutil.disk_usage(self.folder).free // MIB


def blueprint(database: Database, clock: Clock, floor: Floor) -> Blueprint:
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
                revision = revisions.current(tx)
                if not revisions.fits(revision):
                    return _older(revision)
                queued = queues.queued(tx, at)
        except sa.exc.DBAPIError:
            return problem(503, "no_database", "The database does not answer.")
        free = floor.free
        if free < floor.least:
            return problem(
                503,
                "disk_full",
                f"{free} MiB are free, {floor.least} have to be (serve.disk_free).",
            )
        oldest = min((queue.oldest for queue in queued.values()), default=at)
        return jsonify(
            waiting=sum(queue.count for queue in queued.values()),
            oldest_seconds=round((at - oldest).total_seconds(), 1),
        )

    return health


def _older(revision: str | None) -> Response:
    return problem(
        503,
        "old_tables",
        f"The tables are at revision {revision or 'none'}, this version's at"
        f" {revisions.newest()}; `switchhook db upgrade` brings them up.",
    )
