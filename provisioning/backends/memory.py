"""A backend in a dict: for tests and dry runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from provisioning.backends.base import Capabilities, Listed, Observed, Spec
from provisioning.core.actions import Change
from provisioning.core.desired import State
from provisioning.core.entitlements import ALL
from provisioning.core.outcomes import Refused
from provisioning.core.safety import Burn
from provisioning.core.usage import Record


@dataclass(slots=True)
class Kept:
    observed: Observed
    password: str
    email: str | None = None
    payments: list[tuple[str, Decimal]] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    calls: list[Record] = field(default_factory=list)


class Backend:
    """Nothing is lost, late or untrue here; payments are listed."""

    def __init__(self, _name: str, written: Mapping[str, Any]) -> None:
        self.currency = str(written.get("currency", "USD"))
        self.tariffs = frozenset(written.get("tariffs", {"standard": "1"}))
        self.accounts: dict[str, Kept] = {}
        self.last = 0

    def describe(self) -> Capabilities:
        return Capabilities(
            entitlements=frozenset(ALL),
            currency=self.currency,
            tariffs=self.tariffs,
            lists_payments=True,
            settle=0.0,
            call_deadline=1.0,
            burn=Burn(Decimal(0), timedelta(0)),
            campaigns=True,
            usage=True,
            purges=True,
            lists_accounts=True,
        )

    def ping(self) -> None:
        return

    def find(self, username: str) -> Observed | None:
        kept = (k.observed for k in self.accounts.values())
        return next((seen for seen in kept if seen.username == username), None)

    def read(self, ref: str) -> Observed | None:
        kept = self.accounts.get(ref)
        return kept.observed if kept else None

    def open(self, spec: Spec) -> None:
        if self.find(spec.username):
            raise Refused("the username exists already")
        self.last += 1
        ref = str(self.last)
        seen = Observed(ref, spec.username, spec.state, Decimal(0))
        self.accounts[ref] = Kept(seen, spec.password, spec.email)

    def apply(self, ref: str, change: Change) -> None:
        kept = self.accounts[ref]
        was = kept.observed.state
        now = State(
            on=was.on if change.on is None else change.on,
            entitlements={**was.entitlements, **change.entitlements},
        )
        kept.observed = replace(kept.observed, state=now)
        if not now.on:
            kept.running.clear()

    def rekey(self, ref: str, password: str) -> None:
        self.accounts[ref].password = password

    def readdress(self, ref: str, email: str) -> None:
        self.accounts[ref].email = email

    def grant(self, ref: str, amount: Decimal, reference: str) -> None:
        kept = self.accounts[ref]
        kept.payments.append((reference, amount))
        balance = kept.observed.balance + amount
        kept.observed = replace(kept.observed, balance=balance)

    def arrived(self, ref: str, reference: str) -> bool:
        return any(known == reference for known, _ in self.accounts[ref].payments)

    def running(self, ref: str) -> tuple[str, ...]:
        return tuple(self.accounts[ref].running)

    def stop(self, ref: str, campaign: str) -> None:
        running = self.accounts[ref].running
        running[:] = [each for each in running if each != campaign]

    def usage(self, ref: str, since: datetime, until: datetime) -> tuple[Record, ...]:
        calls = self.accounts[ref].calls
        return tuple(call for call in calls if since <= call.at < until)

    def purge(self, ref: str) -> None:
        self.accounts.pop(ref, None)

    def listing(self, after: str | None) -> Listed:  # noqa: ARG002 - there is one page
        known = self.accounts.items()
        return Listed(tuple((r, kept.observed.username) for r, kept in known), None)
