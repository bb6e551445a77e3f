"""What is at a backend and nobody here opened or adopted: told, and never touched."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.gates import Gate
from bridge.store import adopted
from bridge.store.database import Database
from bridge.store.drifts import Found
from provisioning.backends.base import Listed
from provisioning.core import drift
from provisioning.core.outcomes import Broken

TOGETHER = 500
"""Asked of the database at once, however many a backend shows in one piece."""


@dataclass(frozen=True, slots=True)
class Foreign:
    database: Database
    gate: Gate
    ending: threading.Event

    def pages(self) -> Iterator[list[Found]]:
        """Page by page. Later or Broken, where it will not be listed."""
        after: str | None = None
        last: Listed | None = None
        while not self.ending.is_set():
            listed = self._listed(after)
            if last and listed.names and listed.names[:1] == last.names[:1]:
                raise Broken(
                    f"backend {self.gate.name} lists the same accounts again and again;"
                    " does it heed from where on it is asked?"
                )
            for start in range(0, len(listed.names), TOGETHER):
                names = listed.names[start : start + TOGETHER]
                yield list(self._strangers(names))
            if listed.after is None:
                return
            after, last = listed.after, listed

    def _listed(self, after: str | None) -> Listed:
        with self.gate.turn(), self.gate.hearing():
            return self.gate.backend.listing(after)

    def _strangers(self, these: Sequence[tuple[str, str]]) -> Iterator[Found]:
        """By id or by name: one that is just being opened has no id here yet."""
        name = self.gate.name
        refs = [ref for ref, _ in these]
        names = [username for _, username in these]
        with self.database.read() as tx:
            ours = adopted.holders(tx, name, refs, names)
        by_ref = {one.remote: one for one in ours}
        by_name = {one.username: one for one in ours}
        for ref, username in these:
            known = by_name.get(username) or by_ref.get(ref)
            if known is None:
                line = drift.foreign(username)
                yield Found(f"{name}/{ref}", line, backend=name)
            elif known.purged_at and known.username == username:
                line = drift.still_there(username, known.purged_at)
                yield Found(known.id, line, backend=name)
