"""The queue: one lane per account, leased to one worker, fenced by a token."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.tables import lane
from bridge.store.types import Moment

INTAKE = "intake:"
"""Lanes of events whose account is not known yet."""


class Fenced(Exception):
    """The lease ran out and somebody else has the lane: nothing of ours may be kept."""


@dataclass(slots=True)
class Lane:
    key: str
    token: int
    lease_until: datetime
    tries: int
    failing_since: datetime | None

    @property
    def is_intake(self) -> bool:
        return self.key.startswith(INTAKE)


def wake(tx: sa.Connection, key: str, at: datetime) -> None:
    """Make the lane due at *at*, or leave it due earlier."""
    new = insert(tx, lane).values(key=key, due=at, token=0, tries=0)
    tx.execute(
        new.on_conflict_do_update(index_elements=["key"], set_={"due": _sooner(at)})
    )


def rouse(tx: sa.Connection, keys: Collection[str], at: datetime) -> None:
    """Wake those of the lanes that there are: something may wait in them."""
    tx.execute(sa.update(lane).where(lane.c.key.in_(keys)).values(due=_sooner(at)))


def claim(tx: sa.Connection, at: datetime, lease: timedelta) -> Lane | None:
    """Lease the lane that has waited longest; one whose lease ran out counts as due."""
    free = sa.or_(lane.c.lease_until.is_(None), lane.c.lease_until <= at)
    ready = sa.or_(
        sa.and_(lane.c.due <= at, lane.c.lease_until.is_(None)),
        lane.c.lease_until <= at,
    )
    pick = (
        sa.select(lane.c.key)
        .where(free, ready)
        .order_by(lane.c.due.nulls_first())
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = tx.execute(
        sa.update(lane)
        .where(lane.c.key == pick)
        .values(due=None, lease_until=at + lease, token=lane.c.token + 1)
        .returning(lane)
    ).one_or_none()
    if taken is None:
        return None
    return Lane(
        taken.key, taken.token, taken.lease_until, taken.tries, taken.failing_since
    )


def hold(tx: sa.Connection, held: Lane, until: datetime) -> None:
    """Prove the lane is ours, and keep it longer. First in each of its transactions."""
    _fenced(tx, held, lease_until=until)
    held.lease_until = until


def release(
    tx: sa.Connection,
    held: Lane,
    *,
    due: datetime | None,
    tries: int = 0,
    failing_since: datetime | None = None,
) -> None:
    """Give the lane back. A wake-up that came meanwhile is not lost."""
    soonest = _sooner(due) if due else lane.c.due
    _fenced(
        tx,
        held,
        due=soonest,
        lease_until=None,
        tries=tries,
        failing_since=failing_since,
    )


def next_due(tx: sa.Connection) -> datetime | None:
    moment: datetime | None = tx.execute(
        sa.select(lane.c.due)
        .where(lane.c.due.is_not(None), lane.c.lease_until.is_(None))
        .order_by(lane.c.due)
        .limit(1)
    ).scalar()
    return moment


def free_all(tx: sa.Connection, at: datetime) -> None:
    """At the start of the only process: whoever held a lease is gone."""
    tx.execute(
        sa.update(lane).where(lane.c.lease_until.is_not(None)).values(lease_until=at)
    )


def _sooner(at: datetime) -> sa.Case[datetime]:
    return sa.case((lane.c.due < at, lane.c.due), else_=sa.literal(at, Moment))


def _fenced(tx: sa.Connection, held: Lane, **values: object) -> None:
    ours = sa.update(lane).where(lane.c.key == held.key, lane.c.token == held.token)
    if tx.execute(ours.values(**values)).rowcount != 1:
        raise Fenced(f"lane {held.key} went to another worker")
