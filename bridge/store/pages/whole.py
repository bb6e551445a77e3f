"""Lists that programs read to their end: each goes by a number that only grows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store import attempts, books, chain, tables
from bridge.store.attempts import Attempt
from bridge.store.chain import Entry
from bridge.store.pages.scoped import owned, within
from bridge.store.tables import account, attempt, ledger
from provisioning.core.money import from_micro


def unsure(
    tx: sa.Connection, scope: Scope, after: int | None, most: int
) -> list[Attempt]:
    """All that nobody knows the end of, the oldest first."""
    query = (
        sa.select(attempt)
        .join(account, account.c.id == attempt.c.account)
        .where(
            sa.text(tables.LIVE),
            attempt.c.state != attempts.State.OVERTAKEN.value,
            within(scope, account.c.source),
        )
        .order_by(attempt.c.id)
        .limit(most)
    )
    if after is not None:
        query = query.where(attempt.c.id > after)
    return attempts.found(tx, query)


@dataclass(frozen=True, slots=True)
class Booked:
    """Some of the ledger."""

    owner: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        if self.owner is not None:
            yield ledger.c.owner == self.owner
        if self.since is not None:
            yield ledger.c.at >= self.since
        if self.until is not None:
            yield ledger.c.at < self.until


def entries(
    tx: sa.Connection, scope: Scope, which: Booked, after: int | None, most: int
) -> list[tuple[int, Entry]]:
    """Each with its number in all of the ledger, the oldest first."""
    query = (
        sa.select(ledger)
        .where(owned(scope, ledger.c.owner), *which.conditions)
        .order_by(ledger.c.id)
        .limit(most)
    )
    if after is not None:
        query = query.where(ledger.c.id > after)
    rows = tx.execute(query).mappings()
    return [(row["id"], chain.entered(row)) for row in rows]


def sums(
    tx: sa.Connection, scope: Scope, which: Booked
) -> dict[str, dict[str, Decimal]]:
    """By currency, what stands in each book; of where money comes from, what came."""
    total = sa.func.sum(sa.type_coerce(ledger.c.amount, sa.BigInteger)).label("total")
    columns: tuple[sa.ColumnElement[Any], ...] = (
        ledger.c.currency, ledger.c.from_book, ledger.c.to_book,
    )  # fmt: skip
    query = sa.select(*columns, total).group_by(*columns)
    found: dict[str, dict[str, Decimal]] = {}
    of_these = query.where(owned(scope, ledger.c.owner), *which.conditions)
    for row in tx.execute(of_these):
        stands = found.setdefault(row.currency, {})
        amount = from_micro(int(row.total))
        for book, more in ((row.from_book, -amount), (row.to_book, amount)):
            stands[book] = stands.get(book, Decimal(0)) + more
    return {
        currency: {
            book: -sum_ if book in books.FROM_OUTSIDE else sum_
            for book, sum_ in sorted(stands.items())
        }
        for currency, stands in sorted(found.items())
    }
