"""Accounts of an existing fleet: bound, released, or let go again.

Bound, an account is only looked at. What it had is on record, and was never sent by us.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge import whose
from bridge.store import accounts, adopted, chain, fates, lanes, payload, whereabouts
from bridge.store.adopted import Holder
from bridge.store.books import CARRIED, OPENING
from bridge.store.chain import Head
from bridge.store.lanes import INTAKE
from provisioning.core.account import Account, Service
from provisioning.core.credit import Claim, Kind
from provisioning.core.heard import Fate
from provisioning.core.money import Money
from provisioning.core.period import Period
from provisioning.core.sentences import say

PLAIN = ("id", "source", "backend", "currency", "username", "client", "email",
         "remote", "batch")  # fmt: skip
"""Of an account, what an order says as it is."""


@dataclass(frozen=True, slots=True)
class Taking:
    """One account, as it was found at the backend just now."""

    account: Account
    secret: bytes
    balance: Decimal


ALREADY = "already"


def from_taking(each: Taking) -> dict[str, Any]:
    """As an order says it, to the process that writes."""
    account, [sold] = each.account, each.account.services
    [paid] = sold.periods
    return {name: getattr(account, name) for name in PLAIN} | {
        "service": sold.ref,
        "package": sold.package,
        "quantity": sold.quantity,
        "version": sold.version,
        "marks": payload.from_marks(sold.marks),
        "starts": paid.starts.isoformat(),
        "ends": paid.ends and paid.ends.isoformat(),
        "secret": base64.b64encode(each.secret).decode(),
        "balance": str(each.balance),
    }


def to_taking(told: Mapping[str, Any], at: datetime) -> Taking:
    ends = told["ends"] and datetime.fromisoformat(told["ends"])
    starts = datetime.fromisoformat(told["starts"])
    paid = Period(1, starts, ends, told=False, baseline=True)
    marks = payload.to_marks(told["marks"])
    known = told["service"], told["package"], marks, (paid,), told["quantity"]
    sold = Service(*known, version=told["version"])
    account = Account(
        **{name: told[name] for name in PLAIN}, services=(sold,), observed_at=at
    )
    return Taking(account, base64.b64decode(told["secret"]), Decimal(told["balance"]))


def take(
    tx: sa.Connection, these: Sequence[Taking], because: str, at: datetime
) -> dict[str, str]:
    """By service: the account it is bound to now, ALREADY, or why it is not."""
    told: dict[str, str] = {}
    known = _Known.of(tx, [each.account for each in these])
    for each in these:
        ref = _ref(each)
        told[ref] = known.says(each.account) or _make(tx, each, because, at)
        known.add(each.account, told[ref])
    _wake(tx, [e.account for e in these if told[_ref(e)] == e.account.id], at)
    return told


def _ref(each: Taking) -> str:
    [sold] = each.account.services
    return sold.ref


def _make(tx: sa.Connection, each: Taking, because: str, at: datetime) -> str:
    account = replace(each.account, trusted_from=at, trusted_because=because)
    accounts.make(tx, account, each.secret, at)
    if each.balance:
        _enter(tx, account, each.balance, f"adopted: {because}", at, Head())
    return account.id


def _enter(
    tx: sa.Connection,
    account: Account,
    balance: Decimal,
    because: str,
    at: datetime,
    last: Head,
) -> None:
    """What is there already; below nothing it goes the other way."""
    money = Money(abs(balance), account.currency)
    opening = Claim(f"{account.id}/{OPENING}", Kind.TOPUP, money, because)
    ways = (OPENING, CARRIED) if balance > 0 else (CARRIED, OPENING)
    chain.enter(tx, account.id, opening, *ways, because, at, last)


def _wake(tx: sa.Connection, new: Collection[Account], at: datetime) -> None:
    """Woken whether it is there or not: what waits there may just be on its way in."""
    refs = {ref for a in new for ref in (a.client, a.services[0].ref) if ref}
    for ref in sorted(refs):
        lanes.wake(tx, INTAKE + ref, at)


@dataclass(frozen=True, slots=True)
class _Known:
    """Who has the services and the users these are about."""

    bound: dict[str, str]
    by_remote: dict[tuple[str, str | None], Holder]
    by_name: dict[tuple[str, str], Holder]

    @classmethod
    def of(cls, tx: sa.Connection, new: Collection[Account]) -> _Known:
        refs = {sold.ref for account in new for sold in account.services}
        places = whereabouts.bound(tx, refs).read()
        found = list(_holders(tx, new))
        return cls(
            {ref: place.account for ref, place in places.items()},
            {(one.backend, one.remote): one for one in found},
            {(one.backend, one.username): one for one in found},
        )

    def add(self, new: Account, became: str) -> None:
        """Two lines of one commit may be about the same."""
        if became == new.id:
            self.bound[new.services[0].ref] = new.id
            theirs = Holder(
                new.id, new.backend, new.remote, new.username, new.batch, None
            )
            self.by_remote[new.backend, new.remote] = theirs
            self.by_name[new.backend, new.username] = theirs

    def says(self, new: Account) -> str | None:
        [sold] = new.services
        theirs = self.by_remote.get((new.backend, new.remote)) or self.by_name.get(
            (new.backend, new.username)
        )
        bound = self.bound.get(sold.ref)
        if bound and theirs and theirs.id == bound and theirs.batch:
            return ALREADY
        if bound:
            return f"service {sold.ref} is bound to account {bound} already"
        return _taken(theirs) if theirs else None


def _holders(tx: sa.Connection, new: Collection[Account]) -> Iterator[Holder]:
    for backend in sorted({account.backend for account in new}):
        here = [account for account in new if account.backend == backend]
        remotes = [str(account.remote) for account in here]
        names = [account.username for account in here]
        yield from adopted.holders(tx, backend, remotes, names)


def _taken(theirs: Holder) -> str:
    who = f"user {theirs.remote or theirs.username} of backend {theirs.backend}"
    if theirs.purged_at:
        return f"{who} was purged as account {theirs.id}; it is never bound again"
    return f"{who} is account {theirs.id} already"


def check(tx: sa.Connection, new: Collection[Account]) -> dict[str, str | None]:
    """By service: ALREADY, or why it cannot be bound, or nothing. Only looked."""
    known = _Known.of(tx, new)
    return {sold.ref: known.says(a) for a in new for sold in a.services}


def release(
    tx: sa.Connection,
    because: str,
    at: datetime,
    *,
    most: int,
    names: Collection[str] | None = None,
    batch: str | None = None,
) -> list[str]:
    """The next of them go: they are brought in line, and their money is sent."""
    ids = None if names is None else _named(tx, names)
    going = adopted.observed(tx, batch=batch, ids=ids, most=most)
    for one in going:
        lanes.wake(tx, one.id, at, one.backend)
    adopted.release(tx, [one.id for one in going], because, at)
    return [one.id for one in going]


def _named(tx: sa.Connection, names: Collection[str]) -> list[str]:
    """Accounts or services. LookupError, where one is not only looked at."""
    bound = whereabouts.bound(tx, names).read()
    ids = [bound[name].account if name in bound else name for name in names]
    going = {one.id for one in adopted.observed(tx, ids=ids, most=len(ids))}
    for name, id_ in zip(names, ids, strict=True):
        if id_ not in going:
            raise LookupError(
                f'"{name}" is no account that is only looked at; see `switchhook adopt'
                " list`. Nothing was released"
            )
    return ids


@dataclass(frozen=True, slots=True)
class Undone:
    ids: list[str]
    kept: dict[str, str]
    """Those that stay, and why."""

    last: str
    """From where to go on; nothing, where there are no more."""


def undo(
    tx: sa.Connection, batch: str, because: str, at: datetime, *, most: int, after: str
) -> Undone:
    """As if they had not been adopted. The backend is not touched, its users are free.

    Where anything was booked since, money would lose its account: that one stays.
    """
    page = adopted.observed(tx, batch=batch, after=after, most=most)
    ids = [one.id for one in page]
    adopted.lock(tx, ids)
    kept = adopted.busy(tx, ids)
    going = [id_ for id_ in ids if id_ not in kept]
    for id_ in going:
        _reverse(tx, id_, because, at)
    _put_back(tx, going, at)
    adopted.unbind(tx, going)
    return Undone(going, kept, ids[-1] if ids else "")


def _reverse(tx: sa.Connection, id_: str, because: str, at: datetime) -> None:
    """Nothing is taken out of a ledger: what was entered is entered the other way."""
    account = accounts.load(tx, id_)
    entered = chain.entries(tx, id_)
    if account and entered:
        [opening] = entered
        balance = -opening.amount if opening.to_book == CARRIED else opening.amount
        last, why = chain.head(tx, id_), f"adoption undone: {because}"
        _enter(tx, account, balance, why, at, last)


def _put_back(tx: sa.Connection, ids: Collection[str], at: datetime) -> None:
    """To where it would wait if nobody had been there. Not woken: what was said of a
    customer of old must not open an account; who binds the service wakes it."""
    why = say("adoption_undone")
    for row, told in adopted.events(tx, ids):
        event = payload.to_event(told, row)
        fates.move(tx, [row], INTAKE + whose.waits_for(event), at)
        fates.end(tx, row, Fate.PARKED, why, at)
