"""The one door into the rules: what happened and what is seen in, what to do out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from provisioning.core import lifecycle
from provisioning.core.account import Account
from provisioning.core.actions import Change, Level, Open
from provisioning.core.catalog import Catalog
from provisioning.core.credit import Claim
from provisioning.core.desired import State, desired
from provisioning.core.diff import diff
from provisioning.core.digest import digest, written
from provisioning.core.entitlements import Entitlements
from provisioning.core.events import Event
from provisioning.core.heard import Heard, Ledger, Ruling
from provisioning.core.hearing import hear
from provisioning.core.outcomes import Later
from provisioning.core.sentences import Sentence, say


@dataclass(frozen=True, slots=True)
class Plan:
    account: Account
    rulings: tuple[Ruling, ...]
    bookings: tuple[Claim, ...]
    """New sums for the ledger: they count from now on, sent or not."""

    levels: tuple[Level, ...]
    """Safe to do any number of times."""

    flows: tuple[Claim, ...]
    """To be sent once each, by key."""

    held: Sentence | None
    """Why open sums are not sent, where they are not."""

    wakes: Mapping[str, datetime] = field(default_factory=dict)
    """By key: when something of it is due by itself."""

    adopts: bool = False
    """Whether an account that carries our name is made ours before all else."""

    catalog: str = ""
    """The version of the terms it was planned by."""

    @property
    def steps(self) -> tuple[str, ...]:
        """What would be sent, in its smallest parts: less of it is a part of it."""
        parts: list[tuple[object, ...]] = [("adopt",)] if self.adopts else []
        parts += [part for level in self.levels for part in _parts(level)]
        levels = tuple(written(part) for part in parts)
        return levels + tuple(sum_step(claim) for claim in self.flows)

    @property
    def hash(self) -> str:
        """What it would do, to what, by which terms: not when, nor in which words."""
        account = self.account
        return digest((self.steps, account.id, account.revision, self.catalog))


def plan(
    account: Account,
    events: tuple[Event, ...],
    *,
    seen: State | None,
    ledger: Ledger,
    catalog: Catalog,
    at: datetime,
    unsure: bool = False,
    listed: bool = False,
) -> Plan:
    """Events that wait together are planned together, in the order they happened.

    While one sum is *unsure* no other is sent: two could not be told apart. *listed*:
    the backend lists its payments, so a restored account's sums can be looked up.
    """
    heard = _used_up(hear(account, events, ledger, catalog, at), at)
    should = desired(heard.account, catalog)
    if seen is None and should and not should.entitlements:
        raise Later("a package of this account is gone from the configuration.")
    unopened = _unopened(heard.account, seen, should)
    held = unopened or (
        say("held_unsure") if unsure else _held(heard.account, should, listed)
    )
    return Plan(
        account=heard.account,
        rulings=heard.rulings,
        bookings=heard.bookings,
        levels=() if unopened else diff(seen, should),
        flows=() if held else _sendable(heard, ledger),
        held=held,
        wakes=_wakes(heard.account),
        adopts=seen is not None and account.remote is None,
        catalog=catalog.version,
    )


def sum_step(claim: Claim) -> str:
    """A sum, as it stands among the steps."""
    return written(("sum", claim.key, claim.money.amount, claim.money.currency))


def _parts(level: Level) -> list[tuple[object, ...]]:
    """An account that is opened may be corrected to what it was opened with."""
    match level:
        case Open(state):
            return [("open",), *_levels(state.on, state.entitlements)]
        case Change(on, entitlements):
            return _levels(on, entitlements)


def _levels(on: bool | None, entitlements: Entitlements) -> list[tuple[object, ...]]:
    switch = [] if on is None else [("on", on)]
    return [*switch, *(("set", *named) for named in sorted(entitlements.items()))]


def _used_up(heard: Heard, at: datetime) -> Heard:
    services = tuple(lifecycle.used_up(s, at) for s in heard.account.services)
    if services == heard.account.services:
        return heard
    return replace(heard, account=replace(heard.account, services=services))


def _wakes(account: Account) -> dict[str, datetime]:
    """One key an end: where it moves, the new one is another."""
    ends = {s.ref: lifecycle.ending(s) for s in account.services}
    return {f"{ref}/ends/{e.isoformat()}": e for ref, e in ends.items() if e}


def _sendable(heard: Heard, ledger: Ledger) -> tuple[Claim, ...]:
    """Never in another currency: until its account was known nobody could say."""
    ours = heard.account.currency
    return tuple(c for c in ledger.open + heard.bookings if c.money.currency == ours)


def _unopened(
    account: Account, seen: State | None, should: State | None
) -> Sentence | None:
    """It may have been opened after the backup, under a name nobody here knows."""
    if account.restored_at is None or seen or should is None:
        return None
    return say("held_opening", account=account.id, backup=_minute(account.restored_at))


def _held(account: Account, should: State | None, listed: bool) -> Sentence | None:
    if account.money_stopped:
        return say("held_money_stopped", why=account.money_stopped)
    if account.restored_at and not listed:
        backup = _minute(account.restored_at)
        return say("held_restored", account=account.id, backup=backup)
    return None if should else say("held_no_service")


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
