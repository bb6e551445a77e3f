"""The queue: one lane per account, leased to one worker, fenced by a token."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.store import switchoffs
from bridge.store.drafts import (
    Draft,
    Missing,
    Rank,
    Writes,
    inserting,
    put,
    send,
    statement,
    the,
)
from bridge.store.questions import Question, among
from bridge.store.ready import together
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
    backend: str | None = None
    confirmed: int | None = None
    """The plan a person wants applied."""

    alone: bool = False
    """Whether it was woken for that, and for nothing else."""

    stopped: datetime | None = None
    """Since when its account is left on that should go off."""

    @property
    def is_intake(self) -> bool:
        return self.key.startswith(INTAKE)


def sooner(at: sa.ColumnElement[datetime]) -> sa.Case[datetime]:
    return sa.case((lane.c.due < at, lane.c.due), else_=at)


_AT = the("at", Moment)
_LOST = Missing(Fenced, "lane {key} went to another worker")
_MINE = (lane.c.key == the("key"), lane.c.token == the("token"))

WAKE = inserting(
    Rank.LANE,
    lane,
    lambda new: new.values(
        key=the("key"), backend=the("backend"), due=_AT, token=0, tries=0
    ).on_conflict_do_update(
        index_elements=["key"],
        set_={
            "due": sooner(new.excluded.due),
            "backend": sa.func.coalesce(lane.c.backend, new.excluded.backend),
            "alone": None,
        },
    ),
)
# Alone, where nothing else has it due and nobody is at it.
WAKE_FOR = inserting(
    Rank.LANE,
    lane,
    lambda new: new.values(
        key=the("key"), due=_AT, token=0, tries=0, confirmed=the("confirmed"),
        alone=True,
    ).on_conflict_do_update(
        index_elements=["key"],
        set_={
            "due": sooner(new.excluded.due),
            "confirmed": new.excluded.confirmed,
            "alone": sa.and_(lane.c.due.is_(None), lane.c.lease_until.is_(None)),
        },
    ),
)  # fmt: skip
UNCONFIRM = statement(
    Rank.LANE,
    sa.update(lane)
    .where(*_MINE, lane.c.confirmed == the("confirmed"))
    .values(confirmed=None, alone=None),
)
HOLD = statement(
    Rank.LANE,
    sa.update(lane).where(*_MINE).values(lease_until=the("until")),
    missing=_LOST,
)
_FREE = {
    "lease_until": None,
    "tries": the("tries"),
    "failing_since": the("since"),
    "stopped": the("stopped"),
}
# Last of all, however they were noted: a lease held after it would be nobody's.
RELEASE = statement(
    Rank.FREE, sa.update(lane).where(*_MINE).values(_FREE), missing=_LOST
)
RELEASE_UNTIL = statement(
    Rank.FREE,
    sa.update(lane).where(*_MINE).values(_FREE | {"due": sooner(_AT)}),
    missing=_LOST,
)
NAME = statement(
    Rank.LANE,
    sa.update(lane).where(*_MINE).values(backend=the("backend")),
    missing=_LOST,
)
# One that is just being written by its late holder is left to the next time.
_OVER = (
    sa.select(lane.c.key)
    .where(lane.c.lease_until <= _AT)
    .with_for_update(skip_locked=True)
)
FENCE = (
    sa.update(lane)
    .where(lane.c.key == the("key"))
    .values(due=sooner(_AT), lease_until=None, token=lane.c.token + 1, alone=None)
)
REAP = Question(
    sa.update(lane)
    .where(lane.c.key.in_(_OVER))
    .values(due=sooner(_AT), lease_until=None, token=lane.c.token + 1)
    .returning(lane.c.key)
)
_DUE = (
    sa.select(lane.c.key)
    .where(lane.c.due <= _AT, lane.c.lease_until.is_(None))
    .order_by(lane.c.due)
    .limit(the("most", sa.Integer))
    .with_for_update(skip_locked=True)
)
_LEASED = {"due": None, "lease_until": the("until"), "token": lane.c.token + 1}


def _claiming(*whose: sa.ColumnElement[bool]) -> Question:
    # A common table with row locks runs once; a subquery PostgreSQL may run again.
    picked = _DUE.where(*whose).cte("picked")
    chosen = lane.c.key.in_(sa.select(picked.c.key))
    return Question(sa.update(lane).where(chosen).values(_LEASED).returning(lane))


CLAIM_OF = _claiming(lane.c.backend == the("backend"))
CLAIM_UNNAMED = _claiming(lane.c.backend.is_(None))
CLAIM_STRAY = _claiming(sa.not_(among(lane.c.backend, "known")))
CLAIM_ANY = _claiming(
    sa.or_(lane.c.backend.is_(None), sa.not_(among(lane.c.backend, "paused")))
)
TOKENS = Question(
    sa.select(lane.c.key, lane.c.token)
    .where(among(lane.c.key, "keys"))
    .order_by(lane.c.key)
    .with_for_update()
)
HINT = Question(sa.select(sa.func.pg_notify("switchhook", "")))
NEXT = Question(
    sa.select(lane.c.due)
    .where(
        lane.c.due.is_not(None),
        lane.c.lease_until.is_(None),
        sa.not_(among(sa.func.coalesce(lane.c.backend, ""), "but")),
    )
    .order_by(lane.c.due)
    .limit(1)
)

ANY = "*"
"""Lanes of every backend, and of none."""

STRAY = "?"
"""Lanes of a backend that is not in the configuration. No index finds them."""


def wake(tx: Writes, key: str, at: datetime, backend: str | None = None) -> None:
    """Make the lane due at *at*, or leave it due earlier."""
    put(tx, WAKE, key=key, at=at, backend=backend)


def lock(tx: sa.Connection, key: str) -> None:
    """First of all, as everybody does who writes of an account."""
    tx.execute(sa.select(lane.c.key).where(lane.c.key == key).with_for_update())


def wake_for(tx: Writes, key: str, confirmed: int, at: datetime) -> None:
    """For a plan that a person wants applied, and for nothing else."""
    put(tx, WAKE_FOR, key=key, confirmed=confirmed, at=at)


def unconfirm(tx: Writes, held: Lane) -> None:
    """That plan has ended; one that came meanwhile has not."""
    put(tx, UNCONFIRM, key=held.key, token=held.token, confirmed=held.confirmed)
    held.confirmed = None


def hint(tx: sa.Connection) -> None:
    """To all machines: something may be due. Nothing depends on its being heard."""
    if tx.dialect.name == "postgresql":
        HINT.ask(tx, len)


def fence(tx: sa.Connection, key: str, at: datetime) -> None:
    """Due now; whoever holds it keeps and sends nothing more: what it knows is old."""
    tx.execute(FENCE, {"the_key": key, "the_at": at})


def reap(tx: sa.Connection, at: datetime) -> int:
    """Leases that ran out: due by themselves, and their holders fenced off."""
    return REAP.ask(tx, len, at=at).read()


def claim(
    tx: sa.Connection,
    at: datetime,
    lease: timedelta,
    most: int = 1,
    backend: str | None = ANY,
    paused: Collection[str] = (),
    known: Collection[str] = (),
) -> list[Lane]:
    """Lease the lanes that have waited longest. *backend* None: those without one."""
    asked, more = _claim(backend, paused, known)
    return asked.ask(tx, _claimed, at=at, until=at + lease, most=most, **more).read()


def _claim(
    backend: str | None, paused: Collection[str], known: Collection[str]
) -> tuple[Question, dict[str, Any]]:
    if backend == ANY:
        return CLAIM_ANY, {"paused": paused}
    if backend is None:
        return CLAIM_UNNAMED, {}
    if backend == STRAY:
        return CLAIM_STRAY, {"known": known}
    return CLAIM_OF, {"backend": backend}


def _claimed(rows: Sequence[Any]) -> list[Lane]:
    return [
        Lane(
            r.key,
            r.token,
            r.lease_until,
            r.tries,
            r.failing_since,
            r.backend,
            r.confirmed,
            bool(r.alone),
            r.stopped,
        )
        for r in rows
    ]


def hold(tx: Writes, held: Lane, until: datetime) -> None:
    """Prove the lane is ours, and keep it longer."""
    put(tx, HOLD, key=held.key, token=held.token, until=until)
    held.lease_until = until


def name(tx: Writes, held: Lane, backend: str) -> None:
    """Say whose lane it is: a version that knew no backends woke it."""
    put(tx, NAME, key=held.key, token=held.token, backend=backend)


def release(
    tx: Writes,
    held: Lane,
    *,
    due: datetime | None,
    tries: int = 0,
    failing_since: datetime | None = None,
) -> None:
    """Give the lane back. A wake-up that came meanwhile is not lost."""
    row = {
        "key": held.key,
        "token": held.token,
        "tries": tries,
        "since": failing_since,
        "stopped": held.stopped,
    }
    if due is None:
        put(tx, RELEASE, **row)
    else:
        put(tx, RELEASE_UNTIL, **row, at=due)


def keep(tx: sa.Connection, drafts: Sequence[Draft]) -> list[list[int]]:
    """What a committer writes of drafts: all, while their lanes are still theirs.

    The lanes are locked first and in the order of their keys, by everybody; all else
    goes out with that, and is rolled back where one of them is lost.
    """
    mine = [draft for draft in drafts if draft.lane]
    try:
        with together(tx):
            tokens = TOKENS.ask(tx, _by_key, keys=[draft.lane for draft in mine])
            offs = switchoffs.count(tx, drafts)
            written = send(tx, drafts)
    except sa.exc.IntegrityError:
        # Rows of one who came too late clash with those of who has the lane now.
        _prove(mine, tokens.read())
        raise
    _prove(mine, tokens.read())
    written.read()
    offs.read()
    return [draft.made for draft in drafts]


def _by_key(rows: Sequence[Any]) -> dict[str, int]:
    return {row.key: row.token for row in rows}


def _prove(mine: Sequence[Draft], tokens: Mapping[str, int]) -> None:
    late = {str(d.lane) for d in mine if tokens.get(str(d.lane)) != d.token}
    if late:
        raise Fenced(f"lane {', '.join(sorted(late))} went to another worker")


def next_due(tx: sa.Connection, but: Collection[str | None] = ()) -> datetime | None:
    """When a lane comes due, of all backends (None: of none) but these."""
    left_out = [name or "" for name in but]
    return NEXT.ask(tx, _due, but=left_out).read()


def _due(rows: Sequence[Any]) -> datetime | None:
    return rows[0].due if rows else None


def free_all(tx: sa.Connection, at: datetime) -> None:
    """At the start of the only process: whoever held a lease is gone."""
    tx.execute(
        sa.update(lane).where(lane.c.lease_until.is_not(None)).values(lease_until=at)
    )
