"""What a platform shows brought in line: its due dates, and whom it is not to suspend.

One delivery for each change, by a key that names it. What it is to write is reckoned
when it is sent; what it wrote is kept in the commit that notes it as sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.editions import Editions
from bridge.platforms.whmcs import native
from bridge.store import accounts, outbox, whereabouts
from bridge.store.database import Database
from bridge.store.drafts import Writes
from bridge.store.outbox import Delivery, Needless
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.showing import move, spared
from provisioning.core.shown import Shown

AFTER = timedelta(seconds=10)
"""A date that is moved may leave nothing to be spared for: that goes first."""

DUE, SPARE = "due", "spare"
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dates:
    channels: Mapping[str, str]
    """By source: how its platform is told, where it can be."""

    def note(
        self, tx: Writes, account: Account, catalog: Catalog, at: datetime
    ) -> None:
        """What is not shown yet as it should be; new by its key."""
        for service in self._here(account):
            shown = service.shown
            if step := move(account, service, catalog):
                days = sum(push.days for push in shown.pushes) + step.push.days
                key = f"{DUE}:{service.ref}:{step.push.after}:{days}"
                self._say(tx, key, account, service, at)
            until = spared(account, service, catalog, at)
            if until != shown.spared:
                key = f"{SPARE}:{service.ref}:{shown.turns}:{until or 'off'}"
                self._say(tx, key, account, service, at, AFTER)

    def _here(self, account: Account) -> Iterator[Service]:
        """Most accounts have neither coupon nor promise, and nothing to be told."""
        moves = account.activations or account.promises
        if account.source in self.channels and moves:
            yield from (s for s in account.services if s.alive and native(s.ref))

    def _say(
        self,
        tx: Writes,
        key: str,
        account: Account,
        service: Service,
        at: datetime,
        after: timedelta = timedelta(0),
    ) -> None:
        said = {"type": key.partition(":")[0], "service": service.ref}
        channel = self.channels[account.source]
        outbox.add(tx, key, channel, said, at, due=at + after)


@dataclass(frozen=True, slots=True)
class Shows:
    """What is to be shown, when it is time to say so; and what is shown now."""

    database: Database
    editions: Editions
    dates: Dates

    def due(self, held: Delivery, _at: datetime) -> Told:
        account, service, catalog = self._read(held)
        step = move(account, service, catalog)
        if step is None:
            raise Needless("its due date falls short of nothing any more")
        now = replace(service.shown, pushes=(*service.shown.pushes, step.push))
        return _told(held, service, now) | {"was": step.was, "to": step.to}

    def spare(self, held: Delivery, at: datetime) -> Told:
        account, service, catalog = self._read(held)
        was, until = service.shown.spared, spared(account, service, catalog, at)
        if until == was:
            raise Needless("it is spared, or not, as it should be")
        turns = service.shown.turns + 1
        now = replace(service.shown, spared=until, turns=turns)
        return _told(held, service, now) | {"was": was, "to": until}

    def noted(self, tx: sa.Connection, told: Told, at: datetime) -> None:
        """It is shown now. Moved, where the account changed meanwhile: looked at once
        more, it is found as it is."""
        account = accounts.load(tx, whereabouts.of_service(tx, told["ref"]) or "")
        service = account.service(told["ref"]) if account else None
        if account is None or service is None or service.shown != told["before"]:
            raise accounts.Moved(f"what {told['ref']} shows changed meanwhile")
        now = account.with_service(replace(service, shown=told["now"]))
        saved = accounts.save(tx, account, now)
        catalog = self.editions.now(tx, saved.services)
        self.dates.note(tx, saved, catalog, at)

    def _read(self, held: Delivery) -> tuple[Account, Service, Catalog]:
        ref = str(held.content["service"])
        with self.database.read() as tx:
            owner = whereabouts.of_service(tx, ref)
            account = accounts.load(tx, owner) if owner else None
            service = account.service(ref) if account else None
            if account is None or service is None or not service.alive:
                raise Needless("it has ended")
            return account, service, self.editions.now(tx, account.services)


def _told(held: Delivery, service: Service, now: Shown) -> dict[str, Any]:
    return {
        "type": held.content["type"],
        "ref": service.ref,
        "service": native(service.ref),
        "before": service.shown,
        "now": now,
    }
