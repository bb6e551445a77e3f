"""Whose turn it is: one row a tick, moved forward by whoever runs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.tables import tick
from bridge.store.types import Moment


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to run a tick now, until another token is given out."""

    name: str
    token: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A tick as it is on record."""

    name: str
    made_at: datetime
    due: datetime
    lease_until: datetime | None
    token: int
    ran_at: datetime | None
    """When it last ended well."""

    failed_at: datetime | None
    said: str | None
    """Why it last failed; None since it ended well."""


def keep(
    tx: sa.Connection, names: Iterable[str], at: datetime, due: datetime | None = None
) -> None:
    """A new one is due at once, or then; those that are there stay as they are."""
    for name in names:
        new = insert(tx, tick).values(name=name, made_at=at, due=due or at, token=0)
        tx.execute(new.on_conflict_do_nothing())


def moved(tx: sa.Connection, at: datetime) -> None:
    """Time was moved on to then: none of them was missed for that."""
    ran = sa.case((tick.c.ran_at.is_(None), sa.null()), else_=sa.literal(at, Moment))
    tx.execute(sa.update(tick).values(made_at=at, due=at, ran_at=ran))


def hurry(tx: sa.Connection, name: str, at: datetime) -> bool:
    """It is due now. Whether there is such a one."""
    now = sa.update(tick).where(tick.c.name == name).values(due=at)
    return tx.execute(now).rowcount == 1


def ready(tx: sa.Connection, name: str, at: datetime) -> bool:
    """Only a look: *take* decides."""
    query = sa.select(tick.c.name).where(tick.c.name == name, _open(at))
    return tx.execute(query).scalar() is not None


def take(
    tx: sa.Connection, name: str, at: datetime, every: timedelta, lease: timedelta
) -> Turn | None:
    """The turn, where it is due and nobody has it; whoever died in it has lost it.

    One statement: the second of two waits for the row, reads it again, and finds it
    moved. What was missed while nobody ran is one turn, not many.
    """
    token: int | None = tx.execute(
        sa.update(tick)
        .where(tick.c.name == name, _open(at))
        .values(due=at + every, lease_until=at + lease, token=tick.c.token + 1)
        .returning(tick.c.token)
    ).scalar()
    return None if token is None else Turn(name, token)


def hold(tx: sa.Connection, turn: Turn, until: datetime) -> bool:
    """Keep it longer, where it has not ended meanwhile. Whether it is still ours."""
    return _ours(tx, turn, tick.c.lease_until.is_not(None), lease_until=until)


def ran(tx: sa.Connection, turn: Turn, at: datetime) -> bool:
    return _ours(tx, turn, lease_until=None, ran_at=at, said=None)


def failed(tx: sa.Connection, turn: Turn, said: str, at: datetime) -> bool:
    return _ours(tx, turn, lease_until=None, failed_at=at, said=said)


def all_kept(tx: sa.Connection) -> list[Kept]:
    rows = tx.execute(sa.select(tick).order_by(tick.c.name)).mappings()
    return [Kept(**row) for row in rows]


def _open(at: datetime) -> sa.ColumnElement[bool]:
    due = sa.and_(tick.c.due <= at, tick.c.lease_until.is_(None))
    return sa.or_(due, tick.c.lease_until <= at)


def _ours(
    tx: sa.Connection, turn: Turn, *also: sa.ColumnElement[bool], **values: object
) -> bool:
    mine = sa.and_(tick.c.name == turn.name, tick.c.token == turn.token, *also)
    return tx.execute(sa.update(tick).where(mine).values(values)).rowcount == 1
