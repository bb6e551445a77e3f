"""Usage and balance by day: of each day of an account one row, written over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.tables import account, attempt, usage
from provisioning.core.usage import Used


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    used: Used
    settled: bool
    """Whether nothing of its usage can still come."""

    balance: Decimal | None = None
    """At the last look that day."""

    balance_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """An account there is something to look at."""

    id: str
    source: str
    backend: str
    remote: str
    email: str | None
    currency: str
    made_at: datetime


def live(tx: sa.Connection, after: str, most: int) -> list[Live]:
    """Those that are at a backend, by their ids, behind *after*."""
    c = account.c
    query = (
        sa.select(c.id, c.source, c.backend, c.remote, c.email, c.currency, c.made_at)
        .where(c.id > after, c.remote.is_not(None), c.purged_at.is_(None))
        .order_by(c.id)
        .limit(most)
    )
    return [Live(*row) for row in tx.execute(query)]


def settled(tx: sa.Connection, ids: Collection[str]) -> dict[str, date]:
    """Of each account the last day of which nothing can still come."""
    query = (
        sa.select(usage.c.account, sa.func.max(usage.c.day))
        .where(usage.c.account.in_(ids), usage.c.settled)
        .group_by(usage.c.account)
    )
    return {row[0]: date.fromisoformat(row[1]) for row in tx.execute(query)}


def days(
    tx: sa.Connection, id_: str, since: date | None = None, until: date | None = None
) -> list[Day]:
    """In order; *until* is the last one."""
    query = sa.select(usage).where(usage.c.account == id_).order_by(usage.c.day)
    if since:
        query = query.where(usage.c.day >= since.isoformat())
    if until:
        query = query.where(usage.c.day <= until.isoformat())
    return [_day(row) for row in tx.execute(query)]


def balances(tx: sa.Connection) -> Iterator[tuple[str, datetime, Decimal]]:
    """Of all accounts, in their order and that of time."""
    query = (
        sa.select(usage.c.account, usage.c.balance_at, usage.c.balance)
        .where(usage.c.balance_at.is_not(None))
        .order_by(usage.c.account, usage.c.day)
    )
    for row in tx.execution_options(yield_per=1000).execute(query):
        yield row.account, row.balance_at, row.balance


def keep(tx: sa.Connection, id_: str, looked: Mapping[date, Used], over: date) -> None:
    """What each day's usage is now. Days before *over* are settled."""
    if not looked:
        return
    known = {each.day: each.used for each in days(tx, id_, min(looked), max(looked))}
    for day, used in looked.items():
        fuller = used.at_least(known.get(day, Used()))
        _write(tx, id_, day, _row(fuller) | {"settled": day < over})


def see(tx: sa.Connection, id_: str, day: date, balance: Decimal, at: datetime) -> None:
    """What it has at this moment of that day: the last look of a day stands."""
    _write(tx, id_, day, {"balance": balance, "balance_at": at})


def highest(tx: sa.Connection, id_: str, since: datetime) -> Decimal | None:
    """The most it was proven to have after a write of ours since then."""
    query = sa.select(sa.func.max(attempt.c.after)).where(
        attempt.c.account == id_,
        attempt.c.ended_at > since,
        attempt.c.after.is_not(None),
    )
    most: Decimal | None = tx.execute(query).scalar()
    return most


def _write(tx: sa.Connection, id_: str, day: date, told: dict[str, Any]) -> None:
    new = _row(Used()) | {"settled": False} | told
    row = insert(tx, usage).values(account=id_, day=day.isoformat(), **new)
    tx.execute(row.on_conflict_do_update(index_elements=["account", "day"], set_=told))


def _row(used: Used) -> dict[str, Any]:
    return {name: getattr(used, name) for name in Used.__dataclass_fields__}


def _day(row: Any) -> Day:
    used = Used(row.calls, row.seconds, row.messages, row.peak, row.cost)
    day = date.fromisoformat(row.day)
    return Day(day, used, row.settled, row.balance, row.balance_at)
