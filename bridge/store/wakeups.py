"""Due dates: made with what made them necessary, under a key that is always the same.

Planned twice is one row. What is due wakes its lane; what came too late to be of use is
dropped, by the policy of its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from bridge.store import lanes
from bridge.store.drafts import Rank, Writes, inserting, put, statement, the
from bridge.store.tables import wakeup

TOGETHER = 200
"""How many are handled in one transaction."""


class Late(StrEnum):
    """What becomes of a due date nobody was there for."""

    RUN = "run"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Policy:
    late: Late = Late.RUN
    grace: timedelta = timedelta(0)
    """How late is not late yet."""

    def drops(self, by: timedelta) -> bool:
        return self.late is Late.DROP and by > self.grace


POLICIES: Mapping[str, Policy] = {
    "period": Policy(),
    "look": Policy(),
    "purge": Policy(),
    "reminder": Policy(Late.DROP, timedelta(hours=24)),
}
"""By kind; any other runs late."""


class State(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    DROPPED = "dropped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Wakeup:
    key: str
    kind: str
    lane: str
    due: datetime

    def drops(self, at: datetime) -> bool:
        return POLICIES.get(self.kind, Policy()).drops(at - self.due)


_SAID = ("kind", "lane", "due", "state")
PLAN = inserting(
    Rank.MARK,
    wakeup,
    lambda new: new.values(
        key=the("key"), **{name: the(name) for name in _SAID}
    ).on_conflict_do_update(
        index_elements=["key"],
        set_={name: new.excluded[name] for name in _SAID},
        where=sa.text("wakeup.state IN ('waiting', 'cancelled')"),
    ),
)


def plan(tx: Writes, key: str, kind: str, lane: str, due: datetime) -> None:
    """Planned again it moves; what is over stays over, what was cancelled is back."""
    state = State.WAITING.value
    put(tx, PLAN, key=key, kind=kind, lane=lane, due=due, state=state)


CANCEL = statement(
    Rank.MARK,
    sa.update(wakeup)
    .where(wakeup.c.key == the("key"), sa.text("state = 'waiting'"))
    .values(state=State.CANCELLED.value),
)


def cancel(tx: Writes, key: str) -> None:
    """Nothing is wrong where there is none, or it is over already."""
    put(tx, CANCEL, key=key)


def due(tx: sa.Connection, at: datetime, most: int = TOGETHER) -> list[Wakeup]:
    """The longest due first, ours until the end of this transaction."""
    rows = tx.execute(
        sa.select(wakeup.c.key, wakeup.c.kind, wakeup.c.lane, wakeup.c.due)
        .where(WAITING, wakeup.c.due <= at)
        .order_by(wakeup.c.due)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return [Wakeup(row.key, row.kind, row.lane, row.due) for row in rows]


def any_due(tx: sa.Connection, at: datetime) -> bool:
    query = sa.select(wakeup.c.key).where(WAITING, wakeup.c.due <= at).limit(1)
    return tx.execute(query).scalar() is not None


def wake(tx: sa.Connection, at: datetime) -> int:
    """Wake the lanes of what is due and strike it off. How many there were."""
    found = due(tx, at)
    # In the order of their lanes, as everybody locks them.
    for one in sorted(found, key=lambda one: one.lane):
        drops = one.drops(at)
        if _end(tx, one.key, State.DROPPED if drops else State.DONE) and not drops:
            lanes.wake(tx, one.lane, at)
    return len(found)


# The index's own words, as a literal: SQLite uses it for nothing else.
WAITING = sa.text("state = 'waiting'")


def _end(tx: sa.Connection, key: str, state: State) -> bool:
    change = sa.update(wakeup).where(
        wakeup.c.key == key, wakeup.c.state == State.WAITING.value
    )
    return tx.execute(change.values(state=state.value)).rowcount == 1
