"""A billing platform beside us: what it has and never told, what it does not know."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bridge.pulls.pull import Pull
from bridge.reconcile.ids import Ids
from bridge.store import register
from bridge.store.drifts import Found
from provisioning.core import drift
from provisioning.core.drift import Difference
from provisioning.core.events import Event

BACK = timedelta(days=35)
"""Of so long each paid line is compared: a month, and what came late in it."""

PAGE = 500
"""Services of ours in memory."""


@dataclass(frozen=True, slots=True)
class Billing:
    pull: Pull
    ending: threading.Event
    missed: list[int] = field(default_factory=list)
    """Invoices with a paid line that nobody told: they are to be opened again."""

    def pages(self, at: datetime) -> Iterator[list[Found]]:
        """Later and the others say what stood in the way."""
        for event in self.pull.unheard(BACK, at):
            if self.ending.is_set():
                return
            yield [self._paid(event, at)]
        there = Ids()
        for ids, words in self.pull.said_of_all(at):
            if self.ending.is_set():
                return
            for id_ in ids:
                there.add(id_)
            yield [self._said(event, at) for event in words]
        yield from self._unknown(there)

    def _paid(self, event: Event, at: datetime) -> Found:
        what = event.product or event.service or ""
        found = self._found(event, drift.unheard_line(str(event.line), what), at)
        if event.invoice and event.invoice.isdecimal() and not found.line.in_flight:
            self.missed.append(int(event.invoice))
        return found

    def _said(self, event: Event, at: datetime) -> Found:
        word = event.type.rpartition(".")[2]
        return self._found(event, drift.unheard_word(word), at)

    def _found(self, event: Event, line: Difference, at: datetime) -> Found:
        """In flight, while its module may tell it by itself."""
        line = replace(line, in_flight=self.pull.is_fresh(event, at))
        return Found(str(event.service), line, source=self.pull.name)

    def _unknown(self, there: Ids) -> Iterator[list[Found]]:
        """Of what lives here: each that was not shown is asked for by itself, for it
        may have been sold since."""
        last = ""
        while not self.ending.is_set():
            with self.pull.there.database.read() as tx:
                page = register.living(tx, self.pull.name, last, PAGE)
            if not page.refs:
                return
            yield [
                Found(ref, drift.unknown_service(ref), source=self.pull.name)
                for ref in page.alive
                if self._is_missing(ref, there)
            ]
            last = page.refs[-1]

    def _is_missing(self, ref: str, there: Ids) -> bool:
        """Add-ons are listed by no one call, and are not looked for."""
        native = ref.removeprefix(f"{self.pull.name}:")
        if not (native.isascii() and native.isdecimal()) or int(native) in there:
            return False
        return not self.pull.has(native)
