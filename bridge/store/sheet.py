"""Where all that was paid stands: applied, held or paid back; by source, or by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from bridge.store import books
from bridge.store.tables import ledger, operation
from provisioning.core.credit import BOUGHT, Kind
from provisioning.core.money import from_micro

WENT = {
    "paid": ("applied", "held", "reversing", "reversed"),
    "due": ("granted", "owed", "recalling", "revoked"),
    "lent": ("debt", "repaid"),
    "opening": ("carried",),
}
"""Where all is that ever came from outside."""

PAID = BOUGHT.origin
PARTS = WENT[PAID]


class _source(FunctionElement[str]):  # noqa: N801 - it reads as a function
    """Who sent what a key stands for: its part before the first colon."""

    type = sa.Text()
    inherit_cache = True


@compiles(_source)
def _(element: Any, compiler: Any, **more: Any) -> str:
    [key] = (compiler.process(each, **more) for each in element.clauses)
    return f"split_part({key}, ':', 1)"


@compiles(_source, "sqlite")
def _(element: Any, compiler: Any, **more: Any) -> str:
    [key] = (compiler.process(each, **more) for each in element.clauses)
    return f"substr({key}, 1, instr({key}, ':') - 1)"


def standing(tx: sa.Connection) -> dict[tuple[str, str, str], int]:
    """By source, book and currency, in millionths; less than nothing is what came from
    outside. Of what no line brought the source is no source."""
    total: dict[tuple[str, str, str], int] = {}
    moved = sa.func.sum(sa.type_coerce(ledger.c.amount, sa.BigInteger))
    for book, sign in ((ledger.c.from_book, -1), (ledger.c.to_book, 1)):
        source = _source(ledger.c.key)
        by = (source, book, ledger.c.currency)
        for *key, sum_ in tx.execute(sa.select(*by, moved).group_by(*by)):
            name, standing_in, currency = key
            place = name, standing_in, currency
            total[place] = total.get(place, 0) + sign * int(sum_)
    return total


@dataclass(frozen=True, slots=True)
class Sum:
    """Of one source, in one currency: Σ paid = applied + held + paid back."""

    source: str
    currency: str
    paid: Decimal
    applied: Decimal
    held: Decimal
    reversing: Decimal
    """Paid back by the platform, and still to be taken back here."""

    reversed: Decimal

    @property
    def adds_up(self) -> bool:
        parts = self.applied + self.held + self.reversing + self.reversed
        return self.paid == parts


def sums(tx: sa.Connection) -> list[Sum]:
    """All that was ever paid, in the order of the sources' names."""
    stands = standing(tx)
    places = {(s, c) for s, book, c in stands if book in {PAID, *PARTS}}
    return [
        Sum(
            source,
            currency,
            -_of(stands, source, PAID, currency),
            *(_of(stands, source, book, currency) for book in PARTS),
        )
        for source, currency in sorted(places)
    ]


def _of(
    stands: Mapping[tuple[str, str, str], int], source: str, book: str, currency: str
) -> Decimal:
    return from_micro(stands.get((source, book, currency), 0))


@dataclass(frozen=True, slots=True)
class Line:
    """One paid line, and where its money is."""

    id: int
    """Its place in the ledger: the next page begins behind the last."""

    at: datetime
    line: str
    invoice: str | None
    owner: str
    sum: Sum


def lines(
    tx: sa.Connection,
    *,
    after: int = 0,
    most: int = 500,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Line]:
    """The next so many that were booked within that time, the oldest first."""
    source = _source(ledger.c.key)
    told = sa.and_(operation.c.source == source, operation.c.event == ledger.c.because)
    query = (
        sa.select(ledger, source.label("source"), operation.c.payload)
        .join(operation, told, isouter=True)
        .where(ledger.c.from_book == PAID, ledger.c.id > after)
        .order_by(ledger.c.id)
        .limit(most)
    )
    if since is not None:
        query = query.where(ledger.c.at >= since)
    if until is not None:
        query = query.where(ledger.c.at < until)
    rows = tx.execute(query).all()
    stands = _claims(tx, [row.key for row in rows])
    return [_line(row, stands) for row in rows]


Stands = Mapping[str, tuple[str, str, Decimal]]
"""By key: who has the sum, its state, and what of it is still to come."""


def _claims(tx: sa.Connection, keys: Sequence[str]) -> Stands:
    back = [f"{key}/{Kind.REVERSAL}" for key in keys]
    rows = books.BOOKED.ask(tx, list, keys=[*keys, *back]).read()
    return {row.key: (row.owner, row.state, books.read(row).rest) for row in rows}


def _line(row: Any, stands: Stands) -> Line:
    """A sum that was settled against another is nowhere else than that one."""
    paid = row.amount
    owner, state, rest = stands.get(row.key, (row.owner, "settled", Decimal(0)))
    held = Decimal(0) if state == "settled" else rest
    reversal = stands.get(f"{row.key}/{Kind.REVERSAL}")
    reversing = reversed_ = Decimal(0)
    if reversal:
        _, its, rest = reversal
        reversing = Decimal(0) if its == "settled" else rest
        reversed_ = paid - reversing
    applied = paid - held - reversing - reversed_
    invoice = (row.payload or {}).get("invoice")
    sum_ = Sum(row.source, row.currency, paid, applied, held, reversing, reversed_)
    line = row.key.removesuffix(f"/{Kind.TOPUP}").removeprefix(f"{row.source}:")
    return Line(row.id, row.at, line, invoice, owner, sum_)
