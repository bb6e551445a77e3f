"""Money as a person moves it: to another account, back to the customer, as goodwill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from bridge.store import (
    accounts,
    attempts,
    books,
    chain,
    fates,
    holdings,
    lanes,
    offsetting,
    whereabouts,
)
from bridge.store.lanes import INTAKE
from provisioning.core import offsets
from provisioning.core.account import Account, Service
from provisioning.core.credit import BACK, Claim, Kind, back_of
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate
from provisioning.core.money import Money
from provisioning.core.offsets import Offsets
from provisioning.core.sentences import say

MONTH = timedelta(days=30)


def move(tx: sa.Connection, key: str, to: str, because: str, at: datetime) -> str:
    """Held money, with what came with it, goes to this account. Where it was."""
    held, giver = _free(tx, key, at)
    _trusted(tx, giver)
    account = _account(tx, to)
    if any(sum_.offset for sum_ in held):
        raise LookupError(
            f"a part of {key} paid a debt of {giver} already; it stays there"
        )
    if account.currency != held[0].money.currency:
        raise LookupError(
            f"{key} is in {held[0].money.currency}, and {to} in {account.currency};"
            " choose another account, or refund it"
        )
    if to == giver:
        raise LookupError(f"{key} is on {to} already; see `switchhook held list`")
    books.hand_over(tx, [_line(key)], giver, to, at, because=f"moved: {because}")
    _replan(tx, held, giver, to, at)
    lanes.wake(tx, to, at, account.backend)
    return giver


def refund(tx: sa.Connection, key: str, because: str, at: datetime) -> Money:
    """Held money that the platform paid back, by a person's word: it is not sent."""
    held, owner = _free(tx, key, at)
    _trusted(tx, owner)
    # What of the line has arrived, a bonus, is taken back as if the platform said so.
    whole = holdings.of_line(tx, _line(key))
    back = [replace(back_of(sum_), event=because) for sum_ in whole]
    last = chain.head(tx, owner)
    books.book(tx, owner, back, at, last)
    voided = Offsets(offsets.voids((*held, *back), ()))
    offsetting.settle(tx, owner, voided, at, last)
    for operation in holdings.of_event(tx, owner, held[0].event):
        fates.end(tx, operation, Fate.DONE, say("refunded", why=because), at)
    lanes.wake(tx, owner, at)
    return held[0].money


def give(
    tx: sa.Connection,
    name: str,
    money: Money,
    because: str,
    reference: str,
    most: Decimal,
    at: datetime,
) -> str:
    """Goodwill: credit nobody paid for, once per reference, within a limit."""
    owner = whereabouts.of_service(tx, name) or name
    account = _account(tx, owner)
    if account.purged_at:
        raise LookupError(f"{owner} was purged; there is nothing to give to")
    if money.amount <= 0:
        raise LookupError(f"{money} is nothing to give")
    if account.currency != money.currency:
        raise LookupError(
            f"{owner} keeps its balance in {account.currency}, not in {money.currency}"
        )
    # First of all: what another gives from here on makes this one not fit behind it.
    last = chain.head(tx, owner)
    key = f"{owner}/{Kind.GOODWILL}/{reference}"
    if holdings.is_booked(tx, key):
        raise LookupError(
            f"{reference} was given to {owner} before; it counts once. For another sum"
            " choose another --reference"
        )
    before = holdings.given_since(tx, owner, at - MONTH)
    if before + money.amount > most:
        raise LookupError(
            f"{owner} had {before} {money.currency} of goodwill in 30 days; with"
            f" {money.amount} it were more than the {most} that [goodwill] allows"
        )
    new = Claim(key, Kind.GOODWILL, money, f"goodwill: {because}")
    books.book(tx, owner, [new], at, last)
    lanes.wake(tx, owner, at, account.backend)
    return key


def retry(tx: sa.Connection, key: str, at: datetime) -> str:
    """Send again what the backend refused. Whose it is."""
    owner = holdings.owner_of(tx, key)
    if owner is None or not books.reopen_one(tx, key):
        raise LookupError(f"{key} was not refused; see `switchhook held list`")
    lanes.fence(tx, owner, at)
    return owner


def _free(tx: sa.Connection, key: str, at: datetime) -> tuple[list[Claim], str]:
    """The sum and its bonus, and who has them; nobody is about to send them."""
    owner = holdings.owner_of(tx, key)
    if owner is None or not key.endswith(f"/{Kind.TOPUP}"):
        raise LookupError(f"{key} is not held; see `switchhook held list`")
    # Whoever has the account in hand keeps nothing more, and begins no sum of it.
    lanes.fence(tx, owner, at)
    tried = attempts.live_of(tx, owner)
    for each in (tried.in_flight, tried.person):
        if each and each.claim and _line(each.claim) == _line(key):
            raise LookupError(
                f"{each.claim} was sent as attempt {each.id} and may have arrived; wait"
                f" until it is certain, or say: `switchhook unsure resolve {each.id}`"
            )
    if holdings.is_booked(tx, f"{key}/{BACK[Kind.TOPUP]}"):
        raise LookupError(f"{key} was paid back already, and goes nowhere")
    held = holdings.unsettled(tx, owner, [f"{_line(key)}/{kind}" for kind in BACK])
    if key not in {claim.key for claim in held}:
        raise LookupError(f"{key} has arrived already; it is held no longer")
    return held, owner


def _trusted(tx: sa.Connection, owner: str) -> None:
    account = accounts.load(tx, owner)
    if account and account.restored_at:
        raise LookupError(
            f"{owner} came from a backup, and its sums may have been sent after that;"
            f" look, then `switchhook unsure release {owner}` first"
        )


def _account(tx: sa.Connection, id_: str) -> Account:
    account = accounts.load(tx, id_)
    if account is None:
        raise LookupError(f"there is no account {id_}; see `switchhook held list`")
    return account


def _replan(
    tx: sa.Connection, held: Sequence[Claim], giver: str, taker: str, at: datetime
) -> None:
    events = {claim.event for claim in held}
    ids = [id_ for event in events for id_ in holdings.of_event(tx, giver, event)]
    line = _line(held[0].key)
    for id_, event in holdings.unfinished(tx, giver):
        if event.line == line and id_ not in ids:
            ids.append(id_)  # its reversal, or the same told again
        if id_ in ids:
            _bind(tx, event, taker)
    fates.move(tx, ids, taker, at)
    if not giver.startswith(INTAKE):
        lanes.wake(tx, giver, at)


def _bind(tx: sa.Connection, event: Event, to: str) -> None:
    """A top-up that is a service of its own goes with its money."""
    sold = event.type in {Type.ACTIVATE, Type.RENEWED} and event.product
    if sold and event.service and whereabouts.of_service(tx, event.service) is None:
        accounts.bind(tx, Service(event.service, str(event.product)), to)


def _line(key: str) -> str:
    return key.rpartition("/")[0]
