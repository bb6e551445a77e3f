"""What only a person can say: it arrived, it did not, try it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bridge.store import (
    accounts,
    attempts,
    books,
    chain,
    fates,
    lanes,
    operations,
    whereabouts,
)
from bridge.store.attempts import Attempt, State
from provisioning.core.account import Account
from provisioning.core.clearing import deletes_at
from provisioning.core.events import Type
from provisioning.core.heard import Fate
from provisioning.core.money import text

STUCK = (Fate.PARKED, Fate.REFUSED)


def resolve(
    tx: sa.Connection, id_: int, *, arrived: bool, because: str, at: datetime
) -> Attempt:
    """End an unsure attempt by a person's word. LookupError where none is needed."""
    attempt = attempts.numbered(tx, id_)
    if attempt is None:
        raise LookupError(f"there is no attempt {id_}; see `switchhook unsure list`")
    if attempt.state is not State.PERSON:
        raise LookupError(
            f"attempt {id_} is {attempt.state}; only one that waits for a person can be"
            " resolved, and until"
            f" {attempt.settled_from:%Y-%m-%d %H:%M:%S} UTC it is looked for by itself"
        )
    if not arrived and at < attempt.settled_from:
        raise LookupError(
            f"attempt {id_} may still arrive until"
            f" {attempt.settled_from:%Y-%m-%d %H:%M:%S} UTC; only then can it be absent"
        )
    evidence = f"{attempt.evidence}; a person says: {because}"
    state = State.DONE if arrived else State.ABSENT
    attempts.end(tx, id_, state, evidence, at)
    account = accounts.load(tx, attempt.account)
    if account:
        # Who says so has looked: the balance is as it should be from here on.
        accounts.save(tx, account, _trusted(account, because, at))
    if arrived and attempt.claim:
        sum_ = books.one(tx, attempt.claim)
        proof, last = f"attempt {id_}, by a person", chain.head(tx, attempt.account)
        books.settle(tx, attempt.account, sum_, proof, at, last)
    lanes.wake(tx, attempt.account, at)
    return attempt


def release(
    tx: sa.Connection,
    id_: str,
    because: str,
    at: datetime,
    arrived: Sequence[str] = (),
) -> None:
    """Send money to an account again that was stopped, or came from a backup.

    *arrived*: keys of sums that are at the backend already; booked, and not sent.
    """
    if arrived:
        # First of all: a worker that loaded these sums would else send them yet. What
        # it noted before this is seen below; after this it notes nothing more.
        lanes.fence(tx, id_, at)
    account = accounts.load(tx, id_)
    if account is None:
        raise LookupError(f"there is no account {id_}")
    open_ = attempts.live_of(tx, id_).in_flight
    if account.restored_at and open_ and open_.claim:
        # Released now, its balance would be believed; the backup knows nothing of it.
        raise LookupError(
            f"attempt {open_.id} was under way in the backup; let `switchhook serve` or"
            " `worker` look for it first, then resolve it"
        )
    trusted = _trusted(account, because, at)
    _book(tx, id_, arrived, because, at)
    accounts.save(tx, account, replace(trusted, money_stopped=None, restored_at=None))
    lanes.wake(tx, id_, at)


def _book(
    tx: sa.Connection, id_: str, keys: Sequence[str], because: str, at: datetime
) -> None:
    due, last = books.due_of(tx, id_), chain.head(tx, id_)
    waiting = {claim.key: claim for claim in due.open + due.aside}
    live = attempts.live_of(tx, id_)
    tried = {each.claim: each.id for each in (live.in_flight, live.person) if each}
    for key in keys:
        if key in tried:
            raise LookupError(
                f"{key} is looked for as attempt {tried[key]}; say what became of it"
                f" with `switchhook unsure resolve {tried[key]}`"
            )
        if key not in waiting:
            raise LookupError(
                f"{key} does not wait on {id_}; see `switchhook unsure list`"
            )
        books.settle(tx, id_, waiting.pop(key), f"a person says: {because}", at, last)


def write_off(tx: sa.Connection, id_: str, because: str, at: datetime) -> None:
    """Let go of what is left on an account that is due to be purged, and try it now.

    Not of money that never arrived: that is another's until it is moved or paid back.
    """
    account = accounts.load(tx, id_)
    if account is None:
        raise LookupError(f"there is no account {id_}")
    if account.purge_waits is None:
        raise LookupError(
            f"account {id_} does not wait to be purged; `switchhook plan {id_}` shows"
            " when it is due, if it is"
        )
    held = books.bought(tx, id_).held
    if held:
        raise LookupError(
            f"{text(held)} {account.currency} paid for account {id_} are held and were"
            " never applied; move them or pay them back first"
        )
    now = replace(account, written_off=because, purge_waits=None)
    accounts.save(tx, account, now)
    lanes.wake(tx, id_, at)


def deleted(tx: sa.Connection, ref: str, name: str, because: str, at: datetime) -> str:
    """What was kept by something lost is gone, by a person's word. Whose account."""
    id_ = whereabouts.of_service(tx, ref)
    account = accounts.load(tx, id_) if id_ else None
    service = account.service(ref) if account else None
    if account is None or service is None:
        raise LookupError(f"there is no service {ref}")
    known = {lock.feature: lock for lock in service.locked if deletes_at(lock)}
    if name not in known:
        waits = ", ".join(known) or "nothing"
        raise LookupError(
            f"no data of {name} of {ref} is due to be deleted: {waits} is"
        )
    gone = replace(known[name], gone_at=at, because=because)
    locked = tuple(gone if lock == known[name] else lock for lock in service.locked)
    now = account.with_service(replace(service, locked=locked))
    accounts.save(tx, account, now)
    lanes.wake(tx, account.id, at)
    return account.id


def retry(tx: sa.Connection, name: str, at: datetime) -> None:
    """Plan a parked or refused operation anew, and its refused sums with it."""
    found = operations.named(tx, name)
    if found is None:
        raise LookupError(f"there is no operation {name}; see `switchhook event list`")
    if found.fate not in operations.UNFINISHED:
        raise LookupError(
            f"operation {name} is {found.fate}: there is nothing to retry"
        )
    lane = fates.again(tx, found.id, at)
    if found.type == Type.REVERSED:
        lane = _after_its_money(tx, found.id, lane, at)
    books.reopen(tx, lane, found.event)
    lanes.wake(tx, lane, at)


def retry_all(tx: sa.Connection, names: Sequence[str], at: datetime) -> int:
    """How many of them were still parked or refused: the others go on by themselves."""
    found = operations.all_named(tx, names).values()
    stuck = [each for each in found if each.fate in STUCK]
    for each in sorted(stuck, key=lambda each: (each.lane, each.id)):
        retry(tx, each.name, at)
    return len(stuck)


def _after_its_money(tx: sa.Connection, id_: int, lane: str, at: datetime) -> str:
    """Where the line's money is by now, which a person may have moved."""
    line = operations.line_of(tx, id_) or ""
    holder = books.holders(tx, [line]).read().get(line)
    if holder is None or holder.account == lane:
        return lane
    fates.move(tx, [id_], holder.account, at)
    return holder.account


def _trusted(account: Account, because: str, at: datetime) -> Account:
    return replace(account, trusted_from=at, trusted_because=because)
