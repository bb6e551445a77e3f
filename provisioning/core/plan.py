"""The one door into the rules: what happened and what is seen in, what to do out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from provisioning.core import lifecycle, purse
from provisioning.core.account import Account
from provisioning.core.actions import Level
from provisioning.core.catalog import Catalog
from provisioning.core.credit import Claim
from provisioning.core.desired import State, desired
from provisioning.core.diff import diff
from provisioning.core.events import Event
from provisioning.core.heard import Heard, Ledger, Ruling
from provisioning.core.hearing import hear
from provisioning.core.offsets import Offsets
from provisioning.core.outcomes import Later
from provisioning.core.sentences import Sentence, say
from provisioning.core.sums import Holding, sums

NOTHING = Offsets()


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

    offsets: Offsets = NOTHING
    """What is settled here, and sent to nobody."""

    waits: frozenset[str] = frozenset()
    """The events whose free credit has come due, and is not reckoned yet."""

    reckons: bool = False
    """Whether it takes a balance that is certain to say more."""


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
    balance: Decimal | None = None,
    debit: bool = False,
) -> Plan:
    """Events that wait together are planned together, in the order they happened.

    While one sum is *unsure* no other is sent: two could not be told apart. *listed*:
    the backend lists its payments, so a restored account's sums can be looked up.
    *balance*: what the account holds, where that is certain; *debit*: the backend takes
    money back.
    """
    heard = _used_up(hear(account, events, ledger, catalog, at), at)
    should = desired(heard.account, catalog)
    if seen is None and should and not should.entitlements:
        raise Later("a package of this account is gone from the configuration.")
    unopened = _unopened(heard.account, seen, should)
    held = unopened or (say("held_unsure") if unsure else _held(heard.account, listed))
    due = sums(
        heard, ledger, catalog, at,
        balance=balance, debit=debit, holding=Holding(bool(held), should is None),
    )  # fmt: skip
    return Plan(
        account=due.account,
        rulings=heard.rulings,
        bookings=due.bookings,
        levels=() if unopened else diff(seen, should),
        flows=due.flows,
        held=held or (None if should else say("held_no_service")),
        wakes=_wakes(heard.account, catalog, at),
        offsets=due.offsets,
        waits=due.waits,
        reckons=due.reckons,
    )


def _used_up(heard: Heard, at: datetime) -> Heard:
    services = tuple(lifecycle.used_up(s, at) for s in heard.account.services)
    if services == heard.account.services:
        return heard
    return replace(heard, account=replace(heard.account, services=services))


def _wakes(account: Account, catalog: Catalog, at: datetime) -> dict[str, datetime]:
    """One key an end: where it moves, the new one is another."""
    ends = {s.ref: lifecycle.ending(s) for s in account.services}
    found = {f"{ref}/ends/{e.isoformat()}": e for ref, e in ends.items() if e}
    return found | purse.next_starts(account, catalog, at)


def _unopened(
    account: Account, seen: State | None, should: State | None
) -> Sentence | None:
    """It may have been opened after the backup, under a name nobody here knows."""
    if account.restored_at is None or seen or should is None:
        return None
    return say("held_opening", account=account.id, backup=_minute(account.restored_at))


def _held(account: Account, listed: bool) -> Sentence | None:
    if account.money_stopped:
        return say("held_money_stopped", why=account.money_stopped)
    if account.restored_at and not listed:
        backup = _minute(account.restored_at)
        return say("held_restored", account=account.id, backup=backup)
    return None


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
