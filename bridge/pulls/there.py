"""A platform as it is asked: its API, what of it is ours, and the door for its news."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridge.channels.whmcs_api import Api
from bridge.channels.whmcs_options import Names
from bridge.inbox import Inbox
from bridge.platforms.base import Delivery, Platform
from bridge.store import facts, pulled
from bridge.store.arrivals import Reused
from bridge.store.database import Database
from provisioning.core.events import Event

QUIET = timedelta(minutes=15)
"""How long its module is left to tell it. WHMCS marks an invoice as paid first and then
calls the module, and writes a state down only after that has answered: read between the
two, an order would be taken in before its own word, a state for a word."""

INVOICE, SERVICE = "invoice", "service"


@dataclass(slots=True)
class There:
    name: str
    platform: Platform
    api: Api
    database: Database
    inbox: Inbox
    zone: str
    live: datetime | None
    """From when on its customers are ours."""

    products: Mapping[str, str] = field(default_factory=dict)
    """What each of its products is to us; no other is looked at."""

    topups: Collection[str] = ()
    names: Names = field(default_factory=Names)

    def ref(self, native: object) -> str:
        return f"{self.name}:{native}"

    def moment(self, clock: datetime | None) -> datetime | None:
        return clock.replace(tzinfo=ZoneInfo(self.zone)) if clock else None

    def since(self, at: datetime) -> datetime:
        """From when on what it has is ours."""
        with self.database.read() as tx:
            before = facts.pulled(tx, self.name)
        return before.since if before else self.live or at

    def ripe(self, what: str, ids: Collection[int], look: Look) -> set[int]:
        """Those of these that its module was given the time to tell."""
        if not ids:
            return set()
        with self.database.change() as tx:
            pulled.glimpsed(tx, self.name, what, ids, look.at)
            return pulled.seen_since(tx, self.name, what, ids, look.seen_by)

    def news(self, events: Iterable[Event]) -> Iterator[Event]:
        """Without what came in before: by a pull, or as a line that waits still."""
        found = list(events)
        with self.database.read() as tx:
            known = pulled.told(tx, self.name, found)
        return (event for event in found if event.id not in known)

    def enter_all(self, events: Iterable[Event]) -> int:
        return sum(self._enter(event) for event in events)

    def _enter(self, event: Event) -> bool:
        """Whether it is news."""
        told = Delivery(event.id, (event,), json.dumps(_kept(event)))
        try:
            return self.inbox.fetched(self.platform, self.name, told).new
        except Reused:
            return False  # The first stands, as it does at the door.


@dataclass(slots=True)
class Look:
    """What one look came to so far."""

    at: datetime
    seen_by: datetime
    """What was not there by then is left to its module."""

    left: int
    """So many invoices may still be opened."""

    entered: int = 0
    fresh: int = 0
    """How many are done with that were not before."""

    waiting: int = 0
    """How many are to be opened another time."""

    total: int = 0
    over: bool = False
    """Whether it came to those too old to be looked at."""


def day(told: date | None) -> datetime | None:
    """A period begins where its invoice is due: by the calendar, as the module says."""
    return datetime.combine(told, time(), UTC) if told else None


def _kept(event: Event) -> dict[str, Any]:
    """As people may read it; the same whenever it is pulled, but for the hour."""
    return {
        "pulled": event.type,
        "service": event.service,
        "line": event.line,
        "product": event.product,
    }
