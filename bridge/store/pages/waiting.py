"""What waits for a person: sums nobody knows the end of, held money, stuck events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store import (
    attempts,
    holdings,
    operations,
    payload,
    register,
    tables,
)
from bridge.store.attempts import Attempt
from bridge.store.holdings import Held
from bridge.store.operations import Operation
from bridge.store.pages.scoped import owned, within
from bridge.store.register import Restored
from bridge.store.tables import account, attempt, operation
from bridge.store.types import Moment
from provisioning.core.sentences import Sentence

# --- unsure


def unsure(tx: sa.Connection, scope: Scope, most: int) -> list[Attempt]:
    """The oldest first, those for a person before those that are looked for."""
    person = sa.case((attempt.c.state == attempts.State.PERSON.value, 0), else_=1)
    query = (
        sa.select(attempt)
        .join(account, account.c.id == attempt.c.account)
        .where(
            sa.text(tables.LIVE),
            attempt.c.state != attempts.State.OVERTAKEN.value,
            within(scope, account.c.source),
        )
        .order_by(person, attempt.c.id)
        .limit(most)
    )
    return attempts.found(tx, query)


def stopped(tx: sa.Connection, scope: Scope) -> list[tuple[str, str]]:
    """Accounts no more money is sent to, and why."""
    mine = _of_scope(tx, scope)
    return [each for each in register.stopped(tx) if mine is None or each[0] in mine]


def restored(
    tx: sa.Connection, scope: Scope, listing: Sequence[str]
) -> dict[str, list[Restored]]:
    """By account: the sums that may have been sent after the backup it came from."""
    mine = _of_scope(tx, scope)
    found: dict[str, list[Restored]] = {}
    for each in register.restored(tx, listing):
        if mine is None or each.account in mine:
            found.setdefault(each.account, []).append(each)
    return found


def _of_scope(tx: sa.Connection, scope: Scope) -> set[str] | None:
    if scope.sources is None:
        return None
    mine = sa.or_(
        account.c.money_stopped.is_not(None), account.c.restored_at.is_not(None)
    )
    query = sa.select(account.c.id).where(mine, within(scope, account.c.source))
    return set(tx.execute(query).scalars())


# --- held


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which the next page begins."""

    since: datetime
    key: str


def held(
    tx: sa.Connection, scope: Scope, after: Cursor | None, most: int
) -> tuple[list[Held], Cursor | None]:
    """The longest waiting first."""
    query = holdings.WAITS.where(owned(scope, tables.claim.c.owner)).limit(most + 1)
    if after:
        since, key = tables.claim.c.booked_at, tables.claim.c.key
        at_once = sa.and_(since == after.since, key > after.key)
        query = query.where(sa.or_(since > after.since, at_once))
    found = [Held(*row) for row in tx.execute(query)]
    if len(found) <= most:
        return found, None
    last = found[most - 1]
    return found[:most], Cursor(last.since, last.key)


def held_one(tx: sa.Connection, scope: Scope, key: str) -> Held | None:
    query = holdings.WAITS.where(
        owned(scope, tables.claim.c.owner), tables.claim.c.key == key
    )
    row = tx.execute(query).first()
    return Held(*row) if row else None


# --- parked and refused


@dataclass(frozen=True, slots=True)
class Cause:
    """Why events wait, and how many do."""

    fate: str
    code: str
    count: int
    accounts: int
    since: datetime
    such_as: Sentence | None


_CODE = sa.func.coalesce(operation.c.why["code"].as_string(), "")
STUCK = ("parked", "refused")


def causes(tx: sa.Connection, scope: Scope) -> list[Cause]:
    """The most frequent first."""
    code = _CODE.label("code")
    query = (
        sa.select(
            operation.c.fate,
            code,
            sa.func.count().label("n"),
            sa.func.count(operation.c.lane.distinct()).label("lanes"),
            sa.func.min(operation.c.changed_at, type_=Moment).label("since"),
            sa.func.max(operation.c.id).label("newest"),
        )
        .where(
            sa.text(tables.TROUBLE),
            operation.c.fate.in_(STUCK),
            within(scope, operation.c.source),
        )
        .group_by(operation.c.fate, code)
        .order_by(sa.desc("n"), code)
    )
    rows = tx.execute(query).all()
    said = _said(tx, [row.newest for row in rows])
    return [
        Cause(row.fate, row.code, row.n, row.lanes, row.since, said.get(row.newest))
        for row in rows
    ]


def _said(tx: sa.Connection, ids: Sequence[int]) -> dict[int, Sentence | None]:
    query = sa.select(operation.c.id, operation.c.why).where(operation.c.id.in_(ids))
    return {row.id: payload.to_sentence(row.why) for row in tx.execute(query)}


def of_cause(
    tx: sa.Connection, scope: Scope, fate: str, code: str, most: int
) -> list[Operation]:
    """The first of them, the oldest first."""
    query = (
        sa.select(operation)
        .where(
            sa.text(tables.TROUBLE),
            operation.c.fate == fate,
            _CODE.op("=")(code),
            within(scope, operation.c.source),
        )
        .order_by(operation.c.id)
        .limit(most)
    )
    return [operations.seen(row) for row in tx.execute(query)]
