"""The bridge's own app for the load generator: storing, or only saying that it did.

Its workers stay off: what is measured is taking in. `no-store` is the same app with the
same proof and parsing, whose committer answers at once.
"""

from __future__ import annotations

import os
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from flask import Flask

from bench.worker import stand
from bridge import lifecycle
from bridge.app import create_app
from bridge.config import load
from bridge.parts import Parts, assemble
from bridge.store.arrivals import Arrival, Taken
from bridge.store.operations import Operation
from provisioning.core.heard import Fate


def storing() -> Flask:
    return create_app(_parts())


def no_store() -> Flask:
    parts = _parts()
    inbox: Any = parts.inbox
    inbox._kept = _AtOnce()  # noqa: SLF001 - the one piece that differs
    return create_app(parts)


def working() -> Flask:
    """Storing, and bringing accounts in line: all of a bridge in one process."""
    parts = _parts()
    stand(parts)
    Finalize(None, lifecycle.work(parts), exitpriority=0)
    return create_app(parts)


def _parts() -> Parts:
    return assemble(load(Path(os.environ["SWITCHHOOK_CONFIG"])))


class _AtOnce:
    def commit(self, arrival: Arrival) -> Taken:
        [named] = arrival.events
        event = named.event
        told = Operation(
            id=1,
            name=named.name,
            lane="none",
            source=event.source,
            event=event.id,
            type=event.type,
            service=event.service,
            fate=Fate.ACCEPTED,
            why=None,
            changed_at=arrival.at,
        )
        return Taken(new=True, operations=[told])
