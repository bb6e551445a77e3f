"""Sums settled against one another in the ledger: nothing was sent for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from bridge.store import books, chain
from bridge.store.chain import Head
from bridge.store.drafts import Rank, Writes, put, statement, the
from bridge.store.tables import claim
from provisioning.core.credit import BOOKS, Claim, Kind
from provisioning.core.offsets import Lend, Offsets, Repay, Void

OFFSET = statement(
    Rank.MARK,
    sa.update(claim)
    .where(claim.c.key == the("key"))
    .values(offset=the("offset"), state=the("state")),
)
WAITS = {Kind.DEBT: "debt"}
"""The state of a claim that is not sent, and waits for what pays it; else: open."""

Known = dict[str, Claim]
"""What one commit made of a claim before it came to it again."""


def settle(tx: Writes, owner: str, settled: Offsets, at: datetime, last: Head) -> None:
    known: Known = {}
    for void in settled.voids:
        _void(tx, owner, void, at, last, known)
    for lent in settled.lends:
        _lend(tx, owner, lent, at, last, known)
    for paid in settled.repays:
        _repay(tx, owner, paid, at, last, known)
    # Once each, when all is said: a debt may be lent and paid in one commit.
    for now in known.values():
        state = WAITS.get(now.kind, "open") if now.rest else "settled"
        put(tx, OFFSET, key=now.key, offset=now.offset, state=state)


def _void(
    tx: Writes, owner: str, void: Void, at: datetime, last: Head, known: Known
) -> None:
    """It was not sent, and will not be; what went back stays to be taken no more."""
    sum_, back, amount = void.sum, void.back, void.amount
    waiting, gone = BOOKS[sum_.kind].waiting, BOOKS[back.kind].arrived
    unsent = books.part(sum_, amount)
    chain.enter(tx, owner, unsent, waiting, gone, back.event, at, last)
    undone, theirs = books.part(back, amount), BOOKS[back.kind]
    chain.enter(tx, owner, undone, theirs.waiting, theirs.origin, sum_.event, at, last)
    for each in (sum_, back):
        _less(each, amount, known)


def _lend(
    tx: Writes, owner: str, lent: Lend, at: datetime, last: Head, known: Known
) -> None:
    """What cannot be taken back is a debt from here on."""
    debt, theirs = lent.debt, BOOKS[lent.back.kind]
    chain.enter(tx, owner, debt, theirs.waiting, theirs.arrived, debt.event, at, last)
    books.book(tx, owner, [debt], at, last)
    known[debt.key] = debt
    _less(lent.back, lent.amount, known)


def _repay(
    tx: Writes, owner: str, paid: Repay, at: datetime, last: Head, known: Known
) -> None:
    """The backend has it already: what was lent is what this sum brings."""
    name = f"{paid.sum.key}/pays/{paid.debt.key}"
    part = replace(books.part(paid.sum, paid.amount), key=name)
    for each in (paid.sum, paid.debt):
        passed, why = BOOKS[each.kind], paid.debt.event
        chain.enter(tx, owner, part, passed.waiting, passed.arrived, why, at, last)
        _less(each, paid.amount, known)


def _less(whole: Claim, by: Decimal, known: Known) -> None:
    before = known.get(whole.key, whole)
    known[whole.key] = replace(before, offset=before.offset + by)
