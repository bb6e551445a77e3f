"""The engine with nothing to do: `python -m bench.noop CONFIG`, until SIGTERM.

Each job is claimed in its lane, put on record with an attempt under the lane's token,
"done", and closed with its attempt: what every job costs before it does anything.
"""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import fields
from datetime import datetime
from pathlib import Path

from bridge.config import load
from bridge.parts import assemble
from bridge.runner import Runner
from bridge.store import attempts, fates, lanes, operations
from bridge.store.attempts import Attempt, State
from bridge.store.drafts import Draft
from bridge.store.lanes import Lane
from bridge.worker import Worker
from provisioning.core.events import Event
from provisioning.core.heard import Fate, Ruling


class Nothing(Runner):
    """Claims and gives back as the runner does; what is between is left out."""

    __slots__ = ()

    def sort(self, _most: int) -> tuple[int, list[Lane]]:
        return 0, []

    def load(self, _held: object) -> dict[str, object]:  # type: ignore[override]
        return {}

    def bring(self, lane: Lane, _job: object) -> None:
        desk = self.desk
        with desk.database.read() as tx:
            events = operations.waiting(tx, lane.key)
        draft, open_ = Draft(lane.key, lane.token), None
        for event in events:
            at = desk.clock.now()
            if open_:
                _close(draft, *open_, at)
            attempts.begin(draft, _attempt(lane, event, at))
            [id_] = desk.drafts.commit(draft)
            draft, open_ = Draft(lane.key, lane.token), (id_, event)
        if open_:
            _close(draft, *open_, desk.clock.now())
        lanes.release(draft, lane, due=None)
        desk.drafts.commit(draft)


def _attempt(lane: Lane, event: Event, at: datetime) -> Attempt:
    step = {"key": event.line}
    return Attempt(lane.key, lane.token, "grant", step, at, at, at)


def _close(draft: Draft, id_: int, event: Event, at: datetime) -> None:
    attempts.end(draft, id_, State.DONE, str(event.line), at)
    fates.rule(draft, [Ruling(event, Fate.DONE)], at)


def main() -> None:
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    parts = assemble(load(Path(sys.argv[1])))
    usual = parts.runner
    known = {each.name: getattr(usual, each.name) for each in fields(Runner)}
    worker = Worker(Nothing(**known))
    worker.start()
    over.wait()
    worker.stop(10)


if __name__ == "__main__":
    main()
