"""Whether something is under way on accounts, or was since they were last looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.store import tables
from bridge.store.drafts import the
from bridge.store.questions import Question, among
from bridge.store.ready import together
from bridge.store.tables import account, attempt, lane, operation, wakeup
from bridge.store.types import Moment

LANES = Question(
    sa.select(
        account.c.id,
        account.c.revision,
        lane.c.token,
        lane.c.due,
        lane.c.lease_until,
        lane.c.tries,
        lane.c.stopped,
    )
    .join(lane, lane.c.key == account.c.id, isouter=True)
    .where(among(account.c.id, "ids"))
)
WAITING = Question(
    sa.select(operation.c.lane)
    .where(among(operation.c.lane, "ids"), sa.text(tables.ACCEPTED))
    .distinct()
)
UNSURE = Question(
    sa.select(attempt.c.account)
    .where(among(attempt.c.account, "ids"), sa.text(tables.LIVE))
    .distinct()
)
DUE = Question(
    sa.select(wakeup.c.lane)
    .where(
        sa.text("state = 'waiting'"),
        wakeup.c.due <= the("at", Moment),
        among(wakeup.c.lane, "ids"),
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Witness:
    """An account as it was at one moment: whoever works on it changes one of these."""

    revision: int
    token: int | None
    """Of its lane, which whoever takes it counts up."""

    busy: bool
    """Leased, due, being tried again, or with something nobody knows the end of."""

    stopped: bool
    """Left on by the guard on switch-offs."""


def of(tx: sa.Connection, ids: Collection[str], at: datetime) -> dict[str, Witness]:
    with together(tx):
        lanes = LANES.ask(tx, list, ids=ids)
        waiting = WAITING.ask(tx, _lanes, ids=ids)
        unsure = UNSURE.ask(tx, _accounts, ids=ids)
        due = DUE.ask(tx, _lanes, ids=ids, at=at)
    under_way = waiting.read() | unsure.read() | due.read()
    return {row.id: _witness(row, row.id in under_way, at) for row in lanes.read()}


def _witness(row: Any, under_way: bool, at: datetime) -> Witness:
    again = row.due is not None and (row.due <= at or bool(row.tries))
    busy = under_way or again or row.lease_until is not None
    return Witness(row.revision, row.token, busy, row.stopped is not None)


def _lanes(rows: Iterable[Any]) -> set[str]:
    return {row.lane for row in rows}


def _accounts(rows: Iterable[Any]) -> set[str]:
    return {row.account for row in rows}


def is_quiet(before: Witness | None, after: Witness | None) -> bool:
    """Whether nothing was under way from the one moment to the other."""
    return before is not None and before == after and not before.busy
