"""What is wanted for many at once: how far the look is, what it found, what became."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from bridge.store import tables
from bridge.store.attempts import State as Sent
from bridge.store.confirmations import State as Confirmed
from bridge.store.tables import attempt, batch, batch_line, confirmation
from bridge.store.types import Moment

FORGOTTEN = timedelta(days=30)
"""After so long a list is gone; what was done by it stands in audit and events."""


TOGETHER = 1000
"""Lines in memory."""


class Kind(StrEnum):
    REPROVISION = "reprovision"
    ADOPT = "adopt"


class State(StrEnum):
    LOOKING = "looking"
    SHOWN = "shown"
    APPLYING = "applying"
    DONE = "done"
    """All of it was given out; single ones may still be under way."""

    STOPPED = "stopped"


OPEN = (State.LOOKING.value, State.APPLYING.value)


class Line(StrEnum):
    NAMED = "named"
    """Somebody named it, and nobody has looked at it yet."""

    SHOWN = "shown"
    GIVEN = "given"
    """Confirmed as it was shown."""

    DONE = "done"
    ALREADY = "already"
    """It was as it should be by then."""

    CHANGED = "changed"
    WRONG = "wrong"
    """It cannot be seen, or cannot be; *said* says why."""

    LEFT = "left"
    """It was shown, and could then not be given out; *said* says why."""


@dataclass(frozen=True, slots=True)
class Batch:
    name: str
    kind: Kind
    state: State
    which: Mapping[str, Any]
    file: str | None
    made_by: str
    made_at: datetime
    cursor: str
    looked: int
    total: int | None
    because: str | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    stopped_at: datetime | None
    said: str | None


@dataclass(frozen=True, slots=True)
class One:
    """A line of it."""

    id: int
    about: str
    state: Line
    sort: str | None
    hash: str | None
    content: Mapping[str, Any]
    said: str | None


@dataclass(frozen=True, slots=True)
class New:
    """What is to be kept of one."""

    about: str
    state: Line
    content: Mapping[str, Any]
    sort: str | None = None
    hash: str | None = None
    said: str | None = None


def begin(
    tx: sa.Connection, name: str, kind: Kind, which: Mapping[str, Any], by: str,
    at: datetime, file: str | None = None, total: int | None = None,
) -> None:  # fmt: skip
    _forget(tx, at - FORGOTTEN)
    tx.execute(
        sa.insert(batch).values(
            name=name, kind=kind.value, state=State.LOOKING.value, which=dict(which),
            file=file, made_by=by, made_at=at, cursor="", looked=0, total=total,
        )
    )  # fmt: skip


def _forget(tx: sa.Connection, before: datetime) -> None:
    old = sa.select(batch.c.name).where(
        batch.c.made_at < before, batch.c.state.not_in(OPEN)
    )
    tx.execute(sa.delete(batch_line).where(batch_line.c.batch.in_(old)))
    tx.execute(
        sa.delete(batch).where(batch.c.made_at < before, batch.c.state.not_in(OPEN))
    )


def named(tx: sa.Connection, name: str) -> Batch | None:
    row = tx.execute(sa.select(batch).where(batch.c.name == name)).first()
    return _batch(row) if row else None


def newest(tx: sa.Connection, kind: Kind, most: int) -> list[Batch]:
    query = sa.select(batch).where(batch.c.kind == kind.value)
    rows = tx.execute(query.order_by(batch.c.made_at.desc()).limit(most))
    return [_batch(row) for row in rows]


def under_way(tx: sa.Connection) -> list[Batch]:
    """The oldest first."""
    query = sa.select(batch).where(batch.c.state.in_(OPEN))
    return [_batch(row) for row in tx.execute(query.order_by(batch.c.made_at))]


def turn(
    tx: sa.Connection, name: str, was: Collection[State], to: State, **more: Any
) -> bool:
    """Whether it was so, and is another now."""
    mine = sa.update(batch).where(
        batch.c.name == name, batch.c.state.in_([state.value for state in was])
    )
    return tx.execute(mine.values(state=to.value, **more)).rowcount == 1


def hold_on(tx: sa.Connection, name: str | None) -> None:
    """Whoever stops it waits until this is done, or it was stopped: LookupError."""
    if name is None:
        return
    query = sa.select(batch.c.state).where(batch.c.name == name)
    if tx.execute(query.with_for_update(read=True)).scalar() == State.STOPPED.value:
        raise LookupError("the list it is of was stopped; nothing more of it is begun")


def looked(
    tx: sa.Connection, name: str, lines: Iterable[New], many: int, cursor: str
) -> bool:
    """A page of the look. False: it was stopped meanwhile, and nothing is kept."""
    mine = sa.update(batch).where(
        batch.c.name == name, batch.c.state == State.LOOKING.value
    )
    done = tx.execute(mine.values(looked=batch.c.looked + many, cursor=cursor))
    if done.rowcount != 1:
        return False
    add(tx, name, lines)
    return True


def add(tx: sa.Connection, name: str, lines: Iterable[New]) -> None:
    rows = [
        {"batch": name, "about": one.about, "state": one.state.value, "sort": one.sort,
         "hash": one.hash, "content": dict(one.content), "said": one.said}
        for one in lines
    ]  # fmt: skip
    if rows:
        tx.execute(sa.insert(batch_line), rows)


def drop(tx: sa.Connection, ids: Collection[int]) -> None:
    """What was named, and looked at."""
    tx.execute(sa.delete(batch_line).where(batch_line.c.id.in_(ids)))


def lines(
    tx: sa.Connection, name: str, *, most: int, states: Sequence[Line] = (),
    after: int = 0, sort: str | None = None,
) -> list[One]:  # fmt: skip
    """In the order they were found."""
    query = sa.select(batch_line).where(batch_line.c.batch == name)
    query = query.where(batch_line.c.id > after)
    if states:
        query = query.where(batch_line.c.state.in_([one.value for one in states]))
    if sort is not None:
        query = query.where(batch_line.c.sort == sort)
    rows = tx.execute(query.order_by(batch_line.c.id).limit(most))
    return [
        One(row.id, row.about, Line(row.state), row.sort, row.hash, row.content,
            row.said)
        for row in rows
    ]  # fmt: skip


def mark(tx: sa.Connection, id_: int, state: Line, said: str | None = None) -> None:
    tx.execute(
        sa.update(batch_line)
        .where(batch_line.c.id == id_)
        .values(state=state.value, said=said)
    )


def counted(tx: sa.Connection, name: str) -> dict[str, int]:
    """How many lines are in each state."""
    rows = tx.execute(
        sa.select(batch_line.c.state, sa.func.count().label("n"))
        .where(batch_line.c.batch == name)
        .group_by(batch_line.c.state)
    )
    return {row.state: row.n for row in rows}


def sorts(tx: sa.Connection, name: str) -> list[tuple[str, int]]:
    """What changes, and for how many: the most first."""
    n = sa.func.count().label("n")
    rows = tx.execute(
        sa.select(batch_line.c.sort, n)
        .where(batch_line.c.batch == name, batch_line.c.sort.is_not(None))
        .group_by(batch_line.c.sort)
        .order_by(n.desc(), batch_line.c.sort)
    )
    return [(row.sort, row.n) for row in rows]


def contents(tx: sa.Connection, name: str) -> Iterator[Mapping[str, Any]]:
    """Of all that would be done, some at a time."""
    query = (
        sa.select(batch_line.c.id, batch_line.c.content)
        .where(batch_line.c.batch == name, batch_line.c.sort.is_not(None))
        .order_by(batch_line.c.id)
        .limit(TOGETHER)
    )
    last = 0
    while some := tx.execute(query.where(batch_line.c.id > last)).all():
        yield from (row.content for row in some)
        last = some[-1].id


def digest_of(tx: sa.Connection, name: str) -> str:
    """Of all that would be done by it: who confirms it says what he saw."""
    whole, last = sha256(), 0
    query = (
        sa.select(batch_line.c.id, batch_line.c.about, batch_line.c.hash)
        .where(batch_line.c.batch == name, batch_line.c.sort.is_not(None))
        .order_by(batch_line.c.id)
        .limit(TOGETHER)
    )
    while some := tx.execute(query.where(batch_line.c.id > last)).all():
        whole.update(json.dumps([list(row) for row in some]).encode())
        last = some[-1].id
    return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class Course:
    """What became of the plans that were confirmed."""

    ended: Mapping[str, int]
    """By state of the confirmation."""

    unsure: int
    last: datetime | None
    """When the last one ended."""


def course(tx: sa.Connection, name: str) -> Course:
    n = sa.func.count().label("n")
    last = sa.func.max(confirmation.c.ended_at, type_=Moment)
    rows = tx.execute(
        sa.select(confirmation.c.state, n, last.label("last"))
        .where(confirmation.c.batch == name)
        .group_by(confirmation.c.state)
    ).all()
    looked_for = (
        sa.select(sa.func.count())
        .select_from(confirmation)
        .join(attempt, attempt.c.account == confirmation.c.account)
        .where(
            confirmation.c.batch == name,
            confirmation.c.state == Confirmed.OPEN.value,
            sa.text(tables.LIVE.replace("state", "attempt.state")),
            attempt.c.state.in_([Sent.UNSURE.value, Sent.PERSON.value]),
        )
    )
    moments = [row.last for row in rows if row.last is not None]
    return Course(
        {row.state: row.n for row in rows},
        tx.execute(looked_for).scalar_one(),
        max(moments, default=None),
    )


def ended(
    tx: sa.Connection, name: str, state: Confirmed, most: int
) -> list[tuple[str, Any]]:
    """Accounts whose confirmation is so, and why."""
    rows = tx.execute(
        sa.select(confirmation.c.account, confirmation.c.why)
        .where(confirmation.c.batch == name, confirmation.c.state == state.value)
        .order_by(confirmation.c.id)
        .limit(most)
    )
    return [(row.account, row.why) for row in rows]


def _batch(row: Any) -> Batch:
    told = dict(row._mapping)  # noqa: SLF001 - its public name for that
    return Batch(**told | {"kind": Kind(row.kind), "state": State(row.state)})
