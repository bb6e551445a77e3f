"""What came in since a moment, what became of it, and what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store import attempts, tables
from bridge.store.pages.quarters import Moved
from bridge.store.pages.scoped import owned, within
from bridge.store.tables import REST, account, attempt, claim, operation
from provisioning.core.credit import Kind
from provisioning.core.money import from_micro

ZERO = Decimal(0)
WAITING = ("parked", "refused", "unsure")


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one currency."""

    currency: str
    paid: Decimal = ZERO
    applied: Decimal = ZERO
    reversed: Decimal = ZERO
    granted: Decimal = ZERO
    held: Decimal = ZERO
    """Now, whenever it was paid."""

    unsure: Decimal = ZERO
    """Sent, and nobody knows yet whether it arrived."""


def sums(tx: sa.Connection, scope: Scope, rows: Iterable[Moved]) -> list[Sums]:
    """Each currency that waits, or moved: *rows* say what did."""
    found: dict[str, dict[str, Decimal]] = {}
    for name, of in (
        *(_moved(rows).items()),
        ("held", _held(tx, scope)),
        ("unsure", _unsure(tx, scope)),
    ):
        for currency, amount in of.items():
            found.setdefault(currency, {})[name] = amount
    return [Sums(currency, **found[currency]) for currency in sorted(found)]


def _moved(rows: Iterable[Moved]) -> dict[str, dict[str, Decimal]]:
    moved: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        for name in (row.from_book if row.from_book == "paid" else None, row.to_book):
            if name in ("paid", "applied", "reversed", "granted"):
                of = moved.setdefault(name, {})
                of[row.currency] = of.get(row.currency, ZERO) + row.amount
    return moved


def _held(tx: sa.Connection, scope: Scope) -> dict[str, Decimal]:
    rest = sa.func.sum(sa.type_coerce(REST, sa.BigInteger))
    query = (
        sa.select(claim.c.currency, rest)
        .where(
            sa.text(tables.UNSETTLED),
            claim.c.kind == Kind.TOPUP,
            owned(scope, claim.c.owner),
        )
        .group_by(claim.c.currency)
    )
    return {currency: from_micro(int(total)) for currency, total in tx.execute(query)}


def _unsure(tx: sa.Connection, scope: Scope) -> dict[str, Decimal]:
    total = sa.func.sum(sa.type_coerce(attempt.c.amount, sa.BigInteger))
    query = (
        sa.select(account.c.currency, total)
        .join(account, account.c.id == attempt.c.account)
        .where(
            sa.text(tables.LIVE),
            attempt.c.state.in_([attempts.State.UNSURE, attempts.State.PERSON]),
            attempt.c.amount.is_not(None),
            within(scope, account.c.source),
        )
        .group_by(account.c.currency)
    )
    return {currency: from_micro(int(total)) for currency, total in tx.execute(query)}


def waiting(tx: sa.Connection, scope: Scope) -> Mapping[str, int]:
    """How many events wait for a person, or for a look, by their fate."""
    query = (
        sa.select(operation.c.fate, sa.func.count().label("n"))
        .where(sa.text(tables.UNFINISHED), within(scope, operation.c.source))
        .group_by(operation.c.fate)
    )
    found = {row.fate: int(row.n) for row in tx.execute(query)}
    return {fate: found.get(fate, 0) for fate in WAITING}
