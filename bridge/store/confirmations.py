"""Plans a person saw and wants applied: these steps, at this revision, no others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bridge.store import lanes, payload
from bridge.store.drafts import Rank, Writes, put, statement, the
from bridge.store.lanes import Lane
from bridge.store.questions import Question
from bridge.store.tables import account, confirmation, operation
from provisioning.core.events import Event
from provisioning.core.heard import Fate
from provisioning.core.sentences import Sentence


class State(StrEnum):
    OPEN = "open"
    APPLIED = "applied"
    CHANGED = "changed"
    """Something else would be done by now than what was shown: nothing was sent."""

    REFUSED = "refused"
    """It cannot be done, or not all of it; *why* says so."""


class Changed(Exception):
    """The account is not what it was when the plan was shown."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody saw, as the plan says it of itself."""

    account: str
    hash: str
    revision: int
    catalog: str
    steps: tuple[str, ...]
    because: str
    batch: str | None = None
    by: str | None = None
    operation: int | None = None
    """The change that is agreed to by it."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    id: int
    account: str
    revision: int
    catalog: str
    steps: frozenset[str]
    operation: int | None
    state: State
    why: Sentence | None

    def covers(self, steps: Collection[str]) -> bool:
        """Whether these are a part of what was seen."""
        return self.steps >= set(steps)


_AGREED = ("by", "because", "made_at", "state")
NUMBERED = Question(sa.select(confirmation).where(confirmation.c.id == the("id")))
END = statement(
    Rank.TURN,
    sa.update(confirmation)
    .where(confirmation.c.id == the("id"), sa.text("state = 'open'"))
    .values(state=the("state"), why=the("why"), ended_at=the("at")),
)
FOLLOW = statement(
    Rank.TURN,
    sa.update(confirmation)
    .where(confirmation.c.id == the("id"), sa.text("state = 'open'"))
    .values(revision=the("revision")),
)


def confirm(tx: sa.Connection, wanted: Wanted, at: datetime) -> int:
    """Its number; the lane is woken for it. Changed, where it is old already.

    Said twice it is one; another that is open on the account gives way to it.
    """
    lanes.lock(tx, wanted.account)
    revision = tx.execute(
        sa.select(account.c.revision).where(account.c.id == wanted.account)
    ).scalar_one_or_none()
    if revision != wanted.revision:
        raise Changed(wanted.account)
    mine = (confirmation.c.account == wanted.account, sa.text("state = 'open'"))
    same = tx.execute(
        sa.select(confirmation.c.id).where(*mine, confirmation.c.hash == wanted.hash)
    ).scalar_one_or_none()
    if same is not None:
        return int(same)
    over = {"state": State.CHANGED.value, "ended_at": at}
    tx.execute(sa.update(confirmation).where(*mine).values(over))
    id_: int = tx.execute(
        sa.insert(confirmation)
        .values(
            account=wanted.account,
            hash=wanted.hash,
            revision=wanted.revision,
            catalog=wanted.catalog,
            steps=list(wanted.steps),
            because=wanted.because,
            batch=wanted.batch,
            by=wanted.by,
            operation=wanted.operation,
            made_at=at,
            state=State.OPEN.value,
        )
        .returning(confirmation.c.id)
    ).scalar_one()
    lanes.wake_for(tx, wanted.account, id_, at)
    return id_


def numbered(tx: sa.Connection, id_: int) -> Confirmation | None:
    return next(iter(NUMBERED.ask(tx, _read, id=id_).read()), None)


def _read(rows: Sequence[Any]) -> list[Confirmation]:
    return [
        Confirmation(
            id=row.id,
            account=row.account,
            revision=row.revision,
            catalog=row.catalog,
            steps=frozenset(row.steps),
            operation=row.operation,
            state=State(row.state),
            why=payload.to_sentence(row.why),
        )
        for row in rows
    ]


def asked(tx: sa.Connection, ids: Collection[int]) -> dict[str, Event]:
    """By lane: the change each of these open plans agrees to, where it still waits."""
    query = (
        sa.select(operation.c.lane, operation.c.payload, operation.c.id)
        .join(confirmation, confirmation.c.operation == operation.c.id)
        .where(
            confirmation.c.id.in_(ids),
            sa.text("state = 'open'"),
            sa.not_(operation.c.planned),
            operation.c.fate.in_((Fate.PARKED.value, Fate.ACCEPTED.value)),
        )
    )
    found = tx.execute(query)
    return {row.lane: payload.to_event(row.payload, row.id) for row in found}


def of_operation(tx: sa.Connection, id_: int) -> dict[str, Any] | None:
    """Who agreed to it last, when and why, and what became of that."""
    query = (
        sa.select(*(confirmation.c[name] for name in _AGREED))
        .where(confirmation.c.operation == id_)
        .order_by(confirmation.c.id.desc())
    )
    row = tx.execute(query).first()
    return dict(row._mapping) if row else None  # noqa: SLF001 - its public name


def follow(tx: Writes, id_: int, revision: int) -> None:
    """The account moves by what is done for it: that is no news."""
    put(tx, FOLLOW, id=id_, revision=revision)


def end(
    tx: Writes, held: Lane, state: State, at: datetime, why: Sentence | None = None
) -> None:
    """Of the plan this lane was to apply, if it was."""
    if held.confirmed is not None:
        said = payload.from_sentence(why)
        put(tx, END, id=held.confirmed, state=state.value, why=said, at=at)
        lanes.unconfirm(tx, held)


def counted(tx: sa.Connection, batch: str) -> dict[str, int]:
    """How many of these are in each state."""
    rows = tx.execute(
        sa.select(confirmation.c.state, sa.func.count().label("n"))
        .where(confirmation.c.batch == batch)
        .group_by(confirmation.c.state)
    )
    return {row.state: row.n for row in rows}
