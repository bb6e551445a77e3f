"""Who moved what from which book to which: a chain that no row can be taken out of."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from bridge.store.drafts import Rank, Writes, put, statement, the
from bridge.store.questions import Answer, Question, among
from bridge.store.tables import account, ledger
from provisioning.core.credit import Claim
from provisioning.core.money import micro

GENESIS = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: *amount* went from one book to another."""

    owner: str
    no: int
    key: str
    from_book: str
    to_book: str
    amount: Decimal
    currency: str
    because: str
    at: datetime
    before: str
    hash: str


@dataclass(slots=True)
class Head:
    """The last entry of an owner's chain, as far as we know it: the next one follows.

    Two that follow the same one cannot both be kept: the database counts them.
    """

    no: int = 0
    hash: str = GENESIS


_COLUMNS = tuple(Entry.__slots__)
ENTER = statement(
    Rank.LEDGER, sa.insert(ledger).values({name: the(name) for name in _COLUMNS})
)
_OWN = ledger.alias("own")
_NO = sa.select(sa.func.max(_OWN.c.no)).where(_OWN.c.owner == account.c.id)
HEADS = Question(
    sa.select(ledger.c.owner, ledger.c.no, ledger.c.hash)
    .join(account, account.c.id == ledger.c.owner)
    .where(among(account.c.id, "owners"), ledger.c.no == _NO.scalar_subquery())
)
HEAD = Question(
    sa.select(ledger.c.no, ledger.c.hash)
    .where(ledger.c.owner == the("owner"))
    .order_by(ledger.c.no.desc())
    .limit(1)
)


def heads(tx: sa.Connection, accounts: Collection[str]) -> Answer[dict[str, Head]]:
    """The last entries of many accounts' chains; where there is none, none."""
    return HEADS.ask(tx, _heads, owners=accounts)


def _heads(rows: Iterable[Any]) -> dict[str, Head]:
    return {row.owner: Head(row.no, row.hash) for row in rows}


def head(tx: sa.Connection, owner: str) -> Head:
    last = HEAD.ask(tx, list, owner=owner).read()
    return Head(last[0].no, last[0].hash) if last else Head()


def enter(
    tx: Writes,
    owner: str,
    moved: Claim,
    from_book: str,
    to_book: str,
    because: str,
    at: datetime,
    last: Head,
) -> None:
    entry = Entry(
        owner=owner,
        no=last.no + 1,
        key=moved.key,
        from_book=from_book,
        to_book=to_book,
        amount=moved.money.amount,
        currency=moved.money.currency,
        because=because,
        at=at,
        before=last.hash,
        hash="",
    )
    last.no, last.hash = entry.no, _hash(entry)
    values = {name: getattr(entry, name) for name in _COLUMNS}
    put(tx, ENTER, **(values | {"hash": last.hash}))


def _hash(entry: Entry) -> str:
    """Over all of the row and the hash before it: no row can be changed or left out."""
    parts = (
        entry.before,
        entry.owner,
        str(entry.no),
        entry.key,
        entry.from_book,
        entry.to_book,
        str(micro(entry.amount)),
        entry.currency,
        entry.because,
        entry.at.isoformat(),
    )
    written = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(written.encode()).hexdigest()


def entries(tx: sa.Connection, owner: str | None = None) -> list[Entry]:
    query = sa.select(ledger).order_by(ledger.c.id)
    rows = tx.execute(query.where(ledger.c.owner == owner) if owner else query)
    return [entered(row) for row in rows.mappings()]


def entered(row: sa.RowMapping) -> Entry:
    return Entry(*(row[name] for name in Entry.__slots__))


def broken(tx: sa.Connection) -> Iterator[Entry]:
    """Of every owner whose chain is broken, the first entry that is."""
    query = sa.select(ledger).order_by(ledger.c.owner, ledger.c.no)
    rows = tx.execute(query, execution_options={"yield_per": 1000}).mappings()
    every = (entered(row) for row in rows)
    for _, all_of_one in groupby(every, key=lambda entry: entry.owner):
        first = first_broken(all_of_one)
        if first:
            yield first


def first_broken(all_of_one: Iterable[Entry]) -> Entry | None:
    """The first of an owner's entries that is not what was written."""
    before = GENESIS
    for no, entry in enumerate(all_of_one, start=1):
        if entry.no != no or entry.before != before or entry.hash != _hash(entry):
            return entry
        before = entry.hash
    return None
