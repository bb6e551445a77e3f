"""The ledger: a sum is booked once, moved only on proof, and never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.tables import claim, ledger, period
from provisioning.core.credit import BOOKS, Claim, Kind
from provisioning.core.money import Money, micro
from provisioning.core.plan import Ledger

MOVED = "moved"
"""Where a sum stands between two owners. Over all owners it is always nought."""

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


def known(tx: sa.Connection, owner: str, lines: Collection[str]) -> Ledger:
    """What a plan has to know: the owner's open sums, and what these lines brought."""
    if not lines:
        return Ledger(open=open_claims(tx, owner))
    about = [f"{line}/{kind}" for line in lines for kind in (Kind.TOPUP, Kind.BONUS)]
    booked = tx.execute(sa.select(claim).where(claim.c.key.in_(about)))
    paid = tx.execute(
        sa.select(period.c.line, period.c.service).where(period.c.line.in_(lines))
    )
    return Ledger(
        open=open_claims(tx, owner),
        booked={row.key: _claim(row) for row in booked},
        lines={row.line: row.service for row in paid},
    )


def open_claims(tx: sa.Connection, owner: str) -> tuple[Claim, ...]:
    """Sums still to be sent, the longest waiting first."""
    rows = tx.execute(
        sa.select(claim)
        .where(claim.c.owner == owner, claim.c.state == "open")
        .order_by(claim.c.booked_at, claim.c.key)
    )
    return tuple(_claim(row) for row in rows)


def unsettled(tx: sa.Connection, owner: str) -> dict[str, str]:
    """The events whose sums have not arrived, and whether those are open or parked."""
    rows = tx.execute(
        sa.select(claim.c.event, claim.c.state).where(
            claim.c.owner == owner, claim.c.state != "settled"
        )
    )
    return {row.event: row.state for row in rows}


def one(tx: sa.Connection, key: str) -> Claim:
    return _claim(tx.execute(sa.select(claim).where(claim.c.key == key)).one())


def book(tx: sa.Connection, owner: str, sums: Iterable[Claim], at: datetime) -> None:
    """From now on these count: received or due, and waiting."""
    for due in sums:
        tx.execute(
            insert(tx, claim).values(
                key=due.key,
                owner=owner,
                kind=due.kind.value,
                amount=due.money.amount,
                currency=due.money.currency,
                event=due.event,
                state="open",
                booked_at=at,
            )
        )
        books = BOOKS[due.kind]
        _enter(tx, owner, due, books.origin, books.waiting, due.event, at)


def settle(
    tx: sa.Connection, owner: str, arrived: Claim, proof: str, at: datetime
) -> None:
    """It arrived: from waiting to arrived."""
    books = BOOKS[arrived.kind]
    _enter(tx, owner, arrived, books.waiting, books.arrived, proof, at)
    mark(tx, arrived.key, "settled")


def mark(tx: sa.Connection, key: str, state: str) -> None:
    tx.execute(sa.update(claim).where(claim.c.key == key).values(state=state))


def reopen(tx: sa.Connection, owner: str, event: str) -> None:
    """Send again what this event brought and the backend refused."""
    tx.execute(
        sa.update(claim)
        .where(
            claim.c.owner == owner, claim.c.event == event, claim.c.state == "parked"
        )
        .values(state="open")
    )


def owner_of(tx: sa.Connection, line: str) -> str | None:
    """Who has the money of this top-up line, if it is booked."""
    key = f"{line}/{Kind.TOPUP}"
    owner: str | None = tx.execute(
        sa.select(claim.c.owner).where(claim.c.key == key)
    ).scalar()
    return owner


def hand_over(
    tx: sa.Connection, lines: Collection[str], giver: str, taker: str, at: datetime
) -> None:
    """What these top-up lines brought goes to another owner, still waiting."""
    keys = [f"{line}/{kind}" for line in lines for kind in (Kind.TOPUP, Kind.BONUS)]
    rows = tx.execute(
        sa.select(claim).where(claim.c.owner == giver, claim.c.key.in_(keys))
    ).all()
    for row in rows:
        due, waiting = _claim(row), BOOKS[Kind(row.kind)].waiting
        _enter(tx, giver, due, waiting, MOVED, due.event, at)
        _enter(tx, taker, due, MOVED, waiting, due.event, at)
        tx.execute(sa.update(claim).where(claim.c.key == due.key).values(owner=taker))


def entries(tx: sa.Connection, owner: str | None = None) -> list[Entry]:
    query = sa.select(ledger).order_by(ledger.c.id)
    rows = tx.execute(query.where(ledger.c.owner == owner) if owner else query)
    return [Entry(*(row[name] for name in Entry.__slots__)) for row in rows.mappings()]


def broken_chain(all_of_one: Iterable[Entry]) -> Entry | None:
    """The first of an owner's entries that is not what was written."""
    before = GENESIS
    for no, entry in enumerate(all_of_one, start=1):
        if entry.no != no or entry.before != before or entry.hash != _hash(entry):
            return entry
        before = entry.hash
    return None


def _enter(
    tx: sa.Connection,
    owner: str,
    due: Claim,
    from_book: str,
    to_book: str,
    because: str,
    at: datetime,
) -> None:
    last = tx.execute(
        sa.select(ledger.c.no, ledger.c.hash)
        .where(ledger.c.owner == owner)
        .order_by(ledger.c.no.desc())
        .limit(1)
    ).one_or_none()
    no, before = (last.no + 1, last.hash) if last else (1, GENESIS)
    entry = Entry(
        owner=owner,
        no=no,
        key=due.key,
        from_book=from_book,
        to_book=to_book,
        amount=due.money.amount,
        currency=due.money.currency,
        because=because,
        at=at,
        before=before,
        hash="",
    )
    values = {name: getattr(entry, name) for name in Entry.__slots__}
    tx.execute(sa.insert(ledger).values(values | {"hash": _hash(entry)}))


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


def _claim(row: sa.Row[tuple[object, ...]]) -> Claim:
    money = Money(row.amount, row.currency)
    return Claim(row.key, Kind(row.kind), money, row.event)
