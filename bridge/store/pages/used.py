"""What all customers used together: day by day, and account by account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store.pages.scoped import within
from bridge.store.tables import account, usage
from provisioning.core.money import from_micro
from provisioning.core.usage import Used


@dataclass(frozen=True, slots=True)
class OfDay:
    """All accounts of one currency on one day."""

    day: date
    currency: str
    accounts: int
    used: Used


@dataclass(frozen=True, slots=True)
class OfAccount:
    """One account in all those days."""

    id: str
    username: str
    source: str
    currency: str
    used: Used


def by_day(tx: sa.Connection, scope: Scope, first: date, last: date) -> list[OfDay]:
    """The days on which anything was used, in order."""
    query = (
        sa.select(usage.c.day, account.c.currency, sa.func.count(), *SUMS)
        .join(account, account.c.id == usage.c.account)
        .where(_between(first, last), ANY, within(scope, account.c.source))
        .group_by(usage.c.day, account.c.currency)
        .order_by(usage.c.day, account.c.currency)
    )
    return [
        OfDay(date.fromisoformat(day), currency, int(many), _used(sums))
        for day, currency, many, *sums in tx.execute(query)
    ]


def by_account(
    tx: sa.Connection, scope: Scope, first: date, last: date, after: str, most: int
) -> list[OfAccount]:
    """The next so many that used anything, in the order of their ids."""
    query = _accounts(scope, first, last).where(account.c.id > after)
    return _found(tx, query.order_by(account.c.id).limit(most))


def busiest(
    tx: sa.Connection, scope: Scope, first: date, last: date, most: int
) -> list[OfAccount]:
    """Those that used the most, by calls and messages."""
    many = sa.func.sum(usage.c.calls) + sa.func.sum(usage.c.messages)
    query = _accounts(scope, first, last).order_by(many.desc(), account.c.id)
    return _found(tx, query.limit(most))


def _accounts(scope: Scope, first: date, last: date) -> sa.Select[Any]:
    of = account.c
    return (
        sa.select(of.id, of.username, of.source, of.currency, *SUMS)
        .join(usage, usage.c.account == of.id)
        .where(_between(first, last), ANY, within(scope, of.source))
        .group_by(of.id, of.username, of.source, of.currency)
    )


def _found(tx: sa.Connection, query: sa.Select[Any]) -> list[OfAccount]:
    return [
        OfAccount(id_, username, source, currency, _used(sums))
        for id_, username, source, currency, *sums in tx.execute(query)
    ]


def _between(first: date, last: date) -> sa.ColumnElement[bool]:
    return usage.c.day.between(first.isoformat(), last.isoformat())


ANY = sa.or_(usage.c.calls > 0, usage.c.messages > 0, usage.c.cost > Decimal(0))
SUMS = (
    sa.func.sum(usage.c.calls),
    sa.func.sum(usage.c.seconds),
    sa.func.sum(usage.c.messages),
    sa.func.max(usage.c.peak),
    sa.func.sum(sa.type_coerce(usage.c.cost, sa.BigInteger)),
)


def _used(sums: list[Any]) -> Used:
    calls, seconds, messages, peak, cost = (int(each) for each in sums)
    return Used(calls, seconds, messages, peak, from_micro(cost))
