"""A question: who asks, of what, and where the answer is looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bridge.access.who import Who
from bridge.clock import Clock
from bridge.config import Config
from bridge.desk import Desk
from bridge.editions import Editions
from bridge.orders import as_said_by
from bridge.preview import preview
from bridge.store import accounts, whereabouts
from bridge.store.database import Database
from bridge.work import Work
from provisioning.core.account import Account, Service
from provisioning.core.money import text
from provisioning.core.plan import Plan

LONGEST = 500
"""Letters of a value that is asked with."""


@dataclass(frozen=True, slots=True)
class Wide:
    """What every answer is looked up in."""

    config: Config
    desk: Desk
    editions: Editions
    carry_out: Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
    """Has something done, by its name."""

    @property
    def database(self) -> Database:
        return self.desk.database

    @property
    def clock(self) -> Clock:
        return self.desk.clock


@dataclass(frozen=True, slots=True)
class Asked:
    wide: Wide
    source: str
    id: str
    """Of the request: whoever sends it again means the same."""

    told: Mapping[str, Any]

    @property
    def at(self) -> datetime:
        return self.wide.clock.now()

    def order(self, name: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Have it done, in the name of the source that asks."""
        who = Who(self.source, "platform")
        return self.wide.carry_out(name, as_said_by(who, said))

    def text(self, name: str) -> str:
        """LookupError where it is missing, or no text."""
        said = self.maybe(name)
        if said is None:
            raise LookupError(f'"{name}" is needed, as text')
        return said

    def maybe(self, name: str) -> str | None:
        said = self.told.get(name)
        if said is None or (isinstance(said, str) and 0 < len(said) <= LONGEST):
            return said
        raise LookupError(f'"{name}" is text of at most {LONGEST} letters')

    def ref(self) -> str:
        """The service that is asked about, as it is called here."""
        return f"{self.source}:{self.text('service')}"

    def native(self, ref: str) -> str:
        return ref.removeprefix(f"{self.source}:")

    def mine(self, account: Account | None) -> tuple[Service, ...]:
        """The services of this source on it; none, where it is another's account."""
        if account is None or account.source != self.source:
            return ()
        own = f"{self.source}:"
        return tuple(s for s in account.services if s.ref.startswith(own))

    def own(self) -> tuple[Account, Service] | None:
        """The account and service that are asked about, where they are the asker's."""
        ref = self.ref()
        with self.wide.database.read() as tx:
            owner = whereabouts.of_service(tx, ref)
            account = accounts.load(tx, owner) if owner else None
        found = next((s for s in self.mine(account) if s.ref == ref), None)
        return (account, found) if account and found else None

    def sold(self) -> tuple[Account, Service]:
        """The same. LookupError: it is none of the asker's."""
        found = self.own()
        if found is None:
            raise LookupError(
                f"there is no service {self.native(self.ref())} here; was its order"
                " told, and is it this source's?"
            )
        return found

    def looked_at(self) -> tuple[Work, Plan]:
        """The same, with its backend."""
        self.sold()
        return preview(self.ref(), self.wide.desk, self.wide.editions)


def money(amount: Any, currency: str) -> dict[str, str]:
    return {"amount": text(amount), "currency": currency}


def moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
