"""Whether the database is what it should be: shape, triggers, chains and sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import sqlalchemy as sa

from bridge.store import chain, floats, revisions, sheet
from bridge.store.tables import REST, UNSETTLED, claim
from bridge.store.types import Amount
from provisioning.core.credit import BOOKS
from provisioning.core.money import text

GUARDED = ("ledger", "float_entry")
_REFUSED = {
    "sqlite": ("update", "delete"),
    "postgresql": ("update", "delete", "truncate"),
}
GUARDS = {
    database: {f"{table}_no_{what}" for table in GUARDED for what in refused}
    for database, refused in _REFUSED.items()
}
_GUARDS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger"
    " WHERE tgrelid IN ('ledger'::regclass, 'float_entry'::regclass)"
    " AND tgenabled <> 'D'",
}


def faults(tx: sa.Connection) -> list[str]:
    """In words; none is fine. The rest is looked at only in tables of our shape."""
    shape = list(_shape(tx))
    return shape or [fault for look in _LOOKS for fault in look(tx)]


def _shape(tx: sa.Connection) -> Iterator[str]:
    had, newest = revisions.current(tx), revisions.newest()
    if had != newest:
        yield (
            f"the tables are at revision {had or 'none'}, this version's at {newest}:"
            " `switchhook db upgrade`, or run the version that made them"
        )


def _triggers(tx: sa.Connection) -> Iterator[str]:
    name = tx.dialect.name
    there = {str(row[0]).lower() for row in tx.execute(sa.text(_GUARDS[name]))}
    for missing in sorted(GUARDS[name] - there):
        yield (
            f"trigger {missing} is gone: what is booked can be changed. Restore a"
            " backup into a new database, its tables are made with it"
        )


def _chains(tx: sa.Connection) -> Iterator[str]:
    for entry in chain.broken(tx):
        yield (
            f"the ledger of {entry.owner} is not what was written, from entry"
            f" {entry.no} on: somebody changed it past us. Restore a backup"
        )


def _floats(tx: sa.Connection) -> Iterator[str]:
    for source in floats.broken(tx):
        yield (
            f"the float of {source} is not the sum of its entries: somebody changed it"
            " past us. Restore a backup"
        )


def _sums(tx: sa.Connection) -> Iterator[str]:
    """What came in is where it should be, and what waits is what the claims say."""
    books_ = _standing(tx)
    claims = _claims(tx)
    for currency in sorted({c for _, c in books_} | {c for _, c in claims}):
        for origin, parts in sheet.WENT.items():
            came = -books_.get((origin, currency), 0)
            went = {part: books_.get((part, currency), 0) for part in parts}
            if came != sum(went.values()):
                told = " + ".join(
                    f"{part} {_text(sum_)}" for part, sum_ in went.items()
                )
                yield f"{currency}: {origin} {_text(came)} is not {told}"
        for waiting in sorted({passed.waiting for passed in BOOKS.values()}):
            waits = books_.get((waiting, currency), 0)
            open_ = claims.get((waiting, currency), 0)
            if waits != open_:
                yield (
                    f"{currency}: {_text(waits)} stand in {waiting}, and the sums"
                    f" not settled are {_text(open_)}"
                )


def _standing(tx: sa.Connection) -> dict[tuple[str, str], int]:
    """By book and currency, in millionths."""
    total: dict[tuple[str, str], int] = {}
    for (_, book, currency), sum_ in sheet.standing(tx).items():
        total[book, currency] = total.get((book, currency), 0) + sum_
    return total


def _claims(tx: sa.Connection) -> dict[tuple[str, str], int]:
    waiting = {kind.value: books_.waiting for kind, books_ in BOOKS.items()}
    total: dict[tuple[str, str], int] = {}
    query = sa.select(
        claim.c.kind,
        claim.c.currency,
        sa.func.sum(sa.type_coerce(REST, sa.BigInteger)),
    ).where(sa.text(UNSETTLED))
    for kind, currency, sum_ in tx.execute(
        query.group_by(claim.c.kind, claim.c.currency)
    ):
        key = waiting[kind], currency
        total[key] = total.get(key, 0) + int(sum_)
    return total


def _text(millionths: int) -> str:
    amount = Amount().process_result_value(millionths)
    return text(amount) if amount is not None else ""


_LOOKS: tuple[Callable[[sa.Connection], Iterator[str]], ...] = (
    _triggers,
    _chains,
    _floats,
    _sums,
)
