"""The one door into the rules: what happened and what is seen in, what to do out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from provisioning.core import (
    acting,
    approval,
    capacity,
    dues,
    lifecycle,
    locking,
    news,
    purse,
    retention,
    tallies,
)
from provisioning.core.account import Account
from provisioning.core.actions import Change, Level, Open, Purge, Tell
from provisioning.core.catalog import Catalog
from provisioning.core.coupons import Coupon
from provisioning.core.credit import Claim
from provisioning.core.desired import State, desired
from provisioning.core.diff import diff
from provisioning.core.digest import digest, written
from provisioning.core.entitlements import LOCKED, Entitlements
from provisioning.core.events import Event
from provisioning.core.heard import Heard, Ledger, Ruling
from provisioning.core.hearing import hear
from provisioning.core.offsets import Offsets
from provisioning.core.outcomes import Later
from provisioning.core.sentences import Sentence, minute, say
from provisioning.core.sums import Holding, sums, unsent_of

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

    adopts: bool = False
    """Whether an account that carries our name is made ours before all else."""

    catalog: str = ""
    """The version of the terms it was planned by."""

    offsets: Offsets = NOTHING
    """What is settled here, and sent to nobody."""

    coupons: tuple[Coupon, ...] = ()
    """Those that were bought, or paid back: sent to nobody, so not among the steps."""

    waits: frozenset[str] = frozenset()
    """The events whose free credit has come due, and is not reckoned yet."""

    reckons: bool = False
    """Whether it takes a balance that is certain to say more."""

    purge_due: datetime | None = None
    """When it is purged, where everything on it has ended."""

    purge_was: datetime | None = None
    """When it was to be, before these events."""

    purge: tuple[Purge, ...] = ()
    """After all else."""

    @property
    def steps(self) -> tuple[str, ...]:
        """What would be sent, in its smallest parts: less of it is a part of it."""
        parts: list[tuple[object, ...]] = [("adopt",)] if self.adopts else []
        parts += [part for level in self.levels for part in _parts(level)]
        levels = tuple(written(part) for part in parts)
        purge = tuple(written(("purge",)) for _ in self.purge)
        return levels + tuple(sum_step(claim) for claim in self.flows) + purge

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
    balance: Decimal | None = None,
    debit: bool = False,
    keep: timedelta | None = None,
    deletes: bool = False,
) -> Plan:
    """Events that wait together are planned together, in the order they happened.

    While one sum is *unsure* no other is sent: two could not be told apart. *listed*:
    the backend lists its payments, so a restored account's sums can be looked up.
    *balance*: what the account holds, where that is certain; *debit*: the backend takes
    money back. *keep*: how long what has ended is kept; without it, for ever.
    *deletes*: it deletes data of one feature, when it is told.
    """
    heard = _used_up(hear(account, events, ledger, catalog, at), catalog, at)
    now = tallies.counted(retention.noticed(heard.account, at), catalog, at)
    if account.purged_at:
        return _purged(replace(heard, account=now), ledger)
    now = _cleared(account, now, catalog, at)
    now = _deleted(now, seen, at, deletes=deletes)
    heard = replace(heard, account=now)
    should = desired(now, catalog, at)
    if deletes and should and should.entitlements:
        should = _with_locked(should, now, at)
    if seen is None and should and not should.entitlements:
        raise Later("a package of this account is gone from the configuration.")
    unopened = _unopened(now, seen, should)
    untouched = unopened or now.observed_at
    held = unopened or (say("held_unsure") if unsure else _held(now, listed))
    due = sums(
        heard, ledger, catalog, at,
        balance=balance, debit=debit, holding=Holding(bool(held), should is None),
    )  # fmt: skip
    todo = Plan(
        account=due.account,
        rulings=heard.rulings,
        bookings=due.bookings,
        coupons=heard.coupons,
        levels=() if untouched else diff(seen, should) + _tell(now, seen),
        flows=due.flows,
        held=held or (None if should else say("held_no_service")),
        wakes=_wakes(now, catalog, at),
        offsets=due.offsets,
        waits=due.waits,
        reckons=due.reckons,
        purge_due=retention.due(now, keep),
        purge_was=retention.due(account, keep),
        adopts=seen is not None and account.remote is None,
        catalog=catalog.version,
    )
    over = retention.is_over(now, keep, at) and not unsure
    # Deleted by somebody else, it is gone by a person's word only.
    there = seen is not None or now.written_off
    gone = over and there and not now.observed_at
    return _purging(todo, ledger) if gone else todo


def _purged(heard: Heard, ledger: Ledger) -> Plan:
    """There is nothing left to be set, or to be sent to."""
    held = say("held_purged", at=minute(heard.account.purged_at))
    unsent = unsent_of(heard.account, ledger.open + heard.bookings, ledger)
    return Plan(
        heard.account, heard.rulings, heard.bookings, (), (), held,
        offsets=unsent, coupons=heard.coupons,
    )  # fmt: skip


def _purging(todo: Plan, ledger: Ledger) -> Plan:
    """Whatever the events at hand booked is not known to the books yet: it waits."""
    why_not = retention.why_not(todo.account, ledger.bought)
    if todo.bookings:
        why_not = "money for it has just come in"
    account = replace(todo.account, purge_waits=why_not or todo.account.purge_waits)
    return replace(todo, account=account, purge=() if why_not else (Purge(),))


def sum_step(claim: Claim) -> str:
    """A sum, as it stands among the steps."""
    return written(("sum", claim.key, claim.sent, claim.money.currency))


def _parts(level: Level) -> list[tuple[object, ...]]:
    """An account that is opened may be corrected to what it was opened with."""
    match level:
        case Open(state):
            return [("open",), *_levels(state.on, state.entitlements)]
        case Change(on, entitlements):
            return _levels(on, entitlements)
    return [("tell", level.what)]


def _levels(on: bool | None, entitlements: Entitlements) -> list[tuple[object, ...]]:
    switch = [] if on is None else [("on", on)]
    return [*switch, *(("set", *named) for named in sorted(entitlements.items()))]


def _cleared(
    before: Account, account: Account, catalog: Catalog, at: datetime
) -> Account:
    """What a downgrade leaves too much of: since when, and trimmed in time."""
    account = capacity.reckoned(before, account, catalog, at)
    return locking.noticed(before, account, catalog, at)


def _deleted(
    account: Account, seen: State | None, at: datetime, *, deletes: bool
) -> Account:
    account = locking.gone(account, seen, at)
    waits = locking.waits(account, at, deletes=deletes)
    return (
        replace(account, data_waits=waits) if waits != account.data_waits else account
    )


def _with_locked(should: State, account: Account, at: datetime) -> State:
    locked = locking.told(account, at)
    levels = {**should.entitlements, LOCKED: locked}
    return replace(should, entitlements=levels) if locked else should


def _used_up(heard: Heard, catalog: Catalog, at: datetime) -> Heard:
    """What was to end ended, and what nobody paid for too long is revoked."""
    account = heard.account
    for s in account.services:
        now = lifecycle.used_up(s, acting.ending(account, s, catalog), at)
        now = lifecycle.revoked(now, acting.revoking(account, now, catalog), at)
        if now != s:
            account = account.with_service(now)
    return approval.ended(replace(heard, account=account))


def _wakes(account: Account, catalog: Catalog, at: datetime) -> dict[str, datetime]:
    """One key an end: where it moves, the new one is another."""
    found = acting.turns(account, catalog, at)
    for service in account.services:
        turns = {
            "ends": acting.ending(account, service, catalog),
            "becomes": acting.becoming(account, service, catalog),
        }
        for what, due in turns.items():
            if due:
                found[f"{service.ref}/{what}/{due.isoformat()}"] = due
        found |= dues.wakes(acting.dues(account, service, catalog), at)
        found |= dues.wakes(news.dues(account, service, catalog), at)
    found |= purse.next_starts(account, catalog, at)
    return found | tallies.next_starts(account, catalog, at)


def _tell(account: Account, seen: State | None) -> tuple[Level, ...]:
    return tuple(Tell(what) for what in sorted(account.tell)) if seen else ()


def _unopened(
    account: Account, seen: State | None, should: State | None
) -> Sentence | None:
    """It may have been opened after the backup, under a name nobody here knows."""
    if account.restored_at is None or seen or should is None:
        return None
    return say("held_opening", account=account.id, backup=minute(account.restored_at))


def _held(account: Account, listed: bool) -> Sentence | None:
    if account.observed_at:
        return say("held_observed", account=account.id)
    if account.money_stopped:
        return say("held_money_stopped", why=account.money_stopped)
    if account.restored_at and not listed:
        backup = minute(account.restored_at)
        return say("held_restored", account=account.id, backup=backup)
    return None
