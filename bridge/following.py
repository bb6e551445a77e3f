"""What became of something a platform told, looked up when it is time to tell it so.

Of each operation one delivery follows it to its end. Parked is no end: a person is
told of that by a delivery of its own, and once it is done the platform hears so too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bridge.keys import Keys
from bridge.platforms.whmcs import native
from bridge.store import accounts, operations, outbox, whereabouts
from bridge.store.database import Database
from bridge.store.operations import Operation
from bridge.store.outbox import Delivery, Needless, NotYet
from bridge.words import render
from provisioning.core.account import BOUGHT, Account
from provisioning.core.events import Type
from provisioning.core.heard import Fate

OVER = {Fate.DONE, Fate.SUPERSEDED}
STUCK = {Fate.PARKED, Fate.REFUSED}
PART = 4
"""It is looked at again after so great a part of the time it already takes."""

SOONEST, LATEST = timedelta(seconds=5), timedelta(minutes=30)
AT_ALL = timedelta(days=60)
"""How long something is followed that never ends."""

PATIENCE = timedelta(minutes=5)
"""How long something may be parked before a person is told: a payment's line often
comes a moment after the order."""


@dataclass(frozen=True, slots=True)
class Following:
    database: Database
    keys: Keys = field(repr=False)
    passwords: frozenset[str] = frozenset()
    """Sources whose platform mails the login, and so must know it."""

    def followed(self, held: Delivery, at: datetime) -> Mapping[str, Any]:
        """How it ended; NotYet while it goes on."""
        operation = self._named(held)
        if operation.fate in OVER:
            return self._told(held, operation)
        if at - held.made_at > AT_ALL:
            raise Needless("it never ended, and is followed no longer")
        if operation.fate in STUCK:
            self._say_stuck(held, at)
        raise NotYet(max(SOONEST, min(LATEST, (at - held.made_at) / PART)))

    def stuck(self, held: Delivery, _at: datetime) -> Mapping[str, Any]:
        """Why it waits for a person, if it still does."""
        operation = self._named(held)
        if operation.fate not in STUCK:
            raise Needless("it goes on by itself")
        return self._told(held, operation)

    def _say_stuck(self, held: Delivery, at: datetime) -> None:
        """Once; it is new by its key."""
        name = str(held.content["operation"])
        said = {**held.content, "type": "stuck"}
        with self.database.change() as tx:
            key = f"stuck:{name}"
            outbox.enqueue(tx, key, held.channel, said, at, due=at + PATIENCE)

    def _named(self, held: Delivery) -> Operation:
        name = str(held.content["operation"])
        with self.database.read() as tx:
            found = operations.named(tx, name)
        if found is None:
            raise Needless(f"there is no operation {name}")
        return found

    def _told(self, held: Delivery, operation: Operation) -> dict[str, Any]:
        with self.database.read() as tx:
            event = operations.event_of(tx, operation.id)
            owner = whereabouts.of_service(tx, event.service or "")
            loaded = accounts.load_all(tx, [owner] if owner else []).read()
        found = loaded.get(owner or "")
        account = found.account if found else None
        told = {
            "type": held.content["type"],
            "operation": operation.name,
            "event_type": operation.type,
            "service": native(event.service),
            "client": native(event.client),
            "why": render(operation.why),
            "opened": operation.type == Type.ACTIVATE
            and _is_open(account, event.service),
            "bought": operation.type == Type.ACTIVATE
            and _is_bought(account, event.service),
            "username": account.username if account else None,
        }
        mails = operation.source in self.passwords
        # Of an adopted account nobody here knows it.
        if found and mails and not found.account.keeps_its_password:
            told["password"] = self.keys.unseal(found.sealed, found.account.id)
        return told


def _is_bought(account: Account | None, ref: str | None) -> bool:
    """What is credited, sold as a service of its own: it opens nothing."""
    service = account.service(ref) if account else None
    return service is not None and BOUGHT in service.marks


def _is_open(account: Account | None, ref: str | None) -> bool:
    """It is there at its backend, and that service of it lives."""
    service = account.service(ref) if account else None
    return bool(account and account.remote and service and service.alive)
