"""What stands on record of one account, some of it at a time, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from bridge.store import attempts, books, chain, outbox, usage
from bridge.store.attempts import Attempt
from bridge.store.chain import Entry
from bridge.store.outbox import Delivery
from bridge.store.pages import messages
from bridge.store.tables import attempt, delivery, ledger
from provisioning.core.money import from_micro

SHOWN = ("paid", "held", "applied", "due", "owed", "granted")
"""The books whose sums run along; every other one has its own where it stands in."""


@dataclass(frozen=True, slots=True)
class Line:
    entry: Entry
    sums: Mapping[str, Decimal]
    """What stands in each book when this is booked."""


def ledger_of(
    tx: sa.Connection, owner: str, before: int | None, most: int
) -> tuple[list[Line], int | None]:
    """And before which number the older ones are."""
    query = sa.select(ledger).where(ledger.c.owner == owner)
    if before is not None:
        query = query.where(ledger.c.no < before)
    rows = tx.execute(query.order_by(ledger.c.no.desc()).limit(most + 1)).mappings()
    found = [chain.entered(row) for row in rows]
    entries = found[:most][::-1]
    if not entries:
        return [], None
    lines, sums = [], _until(tx, owner, entries[0].no)
    for entry in entries:
        sums = _moved(sums, [(entry.from_book, entry.to_book, entry.amount)])
        lines.append(Line(entry, sums))
    return lines[::-1], entries[0].no if len(found) > most else None


def _until(tx: sa.Connection, owner: str, no: int) -> Mapping[str, Decimal]:
    """Before that entry."""
    total = sa.func.sum(sa.type_coerce(ledger.c.amount, sa.BigInteger))
    query = (
        sa.select(ledger.c.from_book, ledger.c.to_book, total)
        .where(ledger.c.owner == owner, ledger.c.no < no)
        .group_by(ledger.c.from_book, ledger.c.to_book)
    )
    rows = tx.execute(query)
    return _moved({}, ((from_, to, from_micro(int(sum_))) for from_, to, sum_ in rows))


def _moved(
    sums: Mapping[str, Decimal], moves: Iterable[tuple[str, str, Decimal]]
) -> dict[str, Decimal]:
    now = {book: sums.get(book, Decimal(0)) for book in {*SHOWN, *sums}}
    for from_, to, amount in moves:
        for book, more in ((from_, -amount), (to, amount)):
            sign = -1 if book in books.FROM_OUTSIDE else 1
            now[book] = now.get(book, Decimal(0)) + sign * more
    return now


def attempts_of(
    tx: sa.Connection, id_: str, before: int | None, most: int
) -> tuple[list[Attempt], int | None]:
    query = sa.select(attempt).where(attempt.c.account == id_)
    if before is not None:
        query = query.where(attempt.c.id < before)
    query = query.order_by(attempt.c.id.desc()).limit(most + 1)
    found = attempts.found(tx, query)
    return found[:most], found[most - 1].id if len(found) > most else None


@dataclass(frozen=True, slots=True)
class Balance:
    """As it was seen at its backend."""

    at: datetime
    amount: Decimal
    why: str


def balances(tx: sa.Connection, id_: str, since: datetime, most: int) -> list[Balance]:
    """Day by day, and before and after each of its last calls; the oldest first."""
    seen = [*_by_day(tx, id_, since), *_by_call(tx, id_, most)]
    return sorted((one for one in seen if one.at > since), key=lambda one: one.at)


def _by_day(tx: sa.Connection, id_: str, since: datetime) -> Iterator[Balance]:
    for day in usage.days(tx, id_, since.date()):
        if day.balance is not None and day.balance_at is not None:
            yield Balance(day.balance_at, day.balance, "the last look of its day")


def _by_call(tx: sa.Connection, id_: str, most: int) -> Iterator[Balance]:
    columns = (
        attempt.c.verb, attempt.c.claim, attempt.c.seen_at, attempt.c.balance,
        attempt.c.ended_at, attempt.c.after,
    )  # fmt: skip
    query = sa.select(*columns).where(attempt.c.account == id_)
    rows = tx.execute(query.order_by(attempt.c.id.desc()).limit(most)).all()
    for verb, claim, seen_at, before, ended_at, after in reversed(rows):
        what = f"{verb} {claim}" if claim else verb
        if before is not None:
            yield Balance(seen_at, before, f"before {what}")
        if after is not None and ended_at is not None:
            yield Balance(ended_at, after, f"after {what}")


def mails(
    tx: sa.Connection, id_: str, before: int | None, most: int
) -> tuple[list[Delivery], int | None]:
    """Those that tell of it, and before which number there are older ones."""
    query = sa.select(delivery).where(messages.mails_to(tx, [id_]))
    if before is not None:
        query = query.where(delivery.c.id < before)
    rows = tx.execute(query.order_by(delivery.c.id.desc()).limit(most + 1)).mappings()
    found = [outbox.seen(row) for row in rows]
    return found[:most], found[most - 1].id if len(found) > most else None
