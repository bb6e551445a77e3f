"""Take a proven event in exactly once: keep, wake, answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from bridge import binding, boundaries
from bridge.clock import Clock
from bridge.keys import OPERATION, random_name
from bridge.platforms.base import Platform
from bridge.store import lanes, operations
from bridge.store.database import Database
from bridge.store.operations import Operation
from provisioning.core.events import Event


@dataclass(frozen=True, slots=True)
class Taken:
    new: bool
    operations: list[Operation]


def take(
    platform: Platform,
    source: str,
    headers: Mapping[str, str],
    body: bytes,
    database: Database,
    clock: Clock,
) -> Taken:
    """One commit: the request as it came, its events, their lanes awake.

    Raises Forged, Malformed, and Reused where the same delivery said otherwise before.
    """
    at = clock.now()
    told = platform.read(headers, body, at)
    boundaries.passed("received")
    digest = sha256(body).hexdigest()
    with database.change() as tx:
        kept = operations.keep_request(tx, source, told.id, digest, told.kept, at)
        if kept is not None:
            for event in told.events:
                _add(tx, kept, event, at)
        taken = operations.of_events(tx, source, [event.id for event in told.events])
    boundaries.passed("committed")
    return Taken(new=kept is not None, operations=taken)


def _add(tx: sa.Connection, kept: int, event: Event, at: datetime) -> None:
    lane, name = binding.lane_for(tx, event), OPERATION + random_name(16)
    if operations.add(tx, kept, event, name, lane, at):
        lanes.wake(tx, lane, at)
