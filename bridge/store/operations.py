"""Accepted events: what was said, what waits, and what goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from bridge.store import payload, tables
from bridge.store.drafts import the
from bridge.store.payload import Newer
from bridge.store.questions import Answer, Question, among
from bridge.store.tables import operation, request
from provisioning.core.events import Event
from provisioning.core.heard import Fate
from provisioning.core.sentences import Sentence

UNFINISHED = (Fate.WORKING, Fate.UNSURE, Fate.PARKED, Fate.REFUSED)
TOGETHER = 50
"""How many waiting events one plan takes in."""


ASKS = operation.c.why["code"].as_string() == "approval_first"
"""It waits for an admin to agree."""


@dataclass(frozen=True, slots=True)
class Operation:
    id: int
    name: str
    """What the outside knows it by."""

    lane: str
    source: str
    event: str
    type: str
    service: str | None
    fate: Fate
    why: Sentence | None
    changed_at: datetime


_WAITING = sa.select(operation.c.id, operation.c.lane, operation.c.payload).where(
    operation.c.lane == the("lane")
)
WAITING = Question(
    _WAITING.where(sa.text(tables.ACCEPTED)).order_by(operation.c.id).limit(TOGETHER)
)
# Each half as its partial index says it: a fate that is only given would find none.
UNPLACED = Question(
    sa.union_all(
        _WAITING.where(sa.text(tables.ACCEPTED)),
        _WAITING.where(sa.text(tables.UNFINISHED), sa.text("fate = 'parked'")),
    ).order_by("id")
)
STARTED = Question(
    sa.select(
        operation.c.id,
        operation.c.lane,
        operation.c.event,
        operation.c.type,
        operation.c.fate,
    ).where(
        among(operation.c.lane, "lanes"),
        operation.c.planned,
        sa.text(tables.UNFINISHED),
    )
)


@dataclass(frozen=True, slots=True)
class Started:
    """An event that was planned and has not ended: what may still be said of it."""

    id: int
    event: str
    type: str
    fate: Fate


def of_events(tx: sa.Connection, source: str, ids: Collection[str]) -> list[Operation]:
    mine = sa.and_(operation.c.source == source, operation.c.event.in_(ids))
    return _operations(tx, sa.select(operation).where(mine).order_by(operation.c.id))


def of_service(
    tx: sa.Connection, lanes: Collection[str], service: str, types: Collection[str]
) -> list[Operation]:
    """What was said of a service, by where it may wait; the first first."""
    c = operation.c
    mine = sa.and_(c.lane.in_(lanes), c.service == service, c.type.in_(types))
    return _operations(tx, sa.select(operation).where(mine).order_by(c.id))


def named(tx: sa.Connection, name: str) -> Operation | None:
    return all_named(tx, [name]).get(name)


NAMED = Question(sa.select(operation).where(among(operation.c.name, "names")))


def all_named(tx: sa.Connection, names: Collection[str]) -> dict[str, Operation]:
    """Those of these that there are."""
    return NAMED.ask(tx, _by_name, names=names).read()


def _by_name(rows: Iterable[Any]) -> dict[str, Operation]:
    return {row.name: seen(row) for row in rows}


def newest(tx: sa.Connection, last: int, fate: str | None) -> list[Operation]:
    query = sa.select(operation).order_by(operation.c.id.desc()).limit(last)
    return _operations(tx, query.where(operation.c.fate == fate) if fate else query)


def body_of(tx: sa.Connection, id_: int) -> str:
    """The request it came in, as it was kept."""
    body: str = tx.execute(
        sa.select(request.c.body).join(operation).where(operation.c.id == id_)
    ).scalar_one()
    return body


def waiting(tx: sa.Connection, lane: str) -> tuple[Event, ...]:
    """The first of the lane's accepted events, in order of arrival."""
    return WAITING.ask(tx, _in_order, lane=lane).read()


def unplaced(tx: sa.Connection, lane: str) -> tuple[Event, ...]:
    """All that wait for an account to be there: accepted, or parked for want of it."""
    return UNPLACED.ask(tx, _in_order, lane=lane).read()


def taken_in(tx: sa.Connection, lane: str) -> tuple[Event, ...]:
    """All that was ever planned for it, or waits to be, in order of arrival.

    What counts by now was agreed to, where somebody had to.
    """
    mine = sa.select(operation.c.id, operation.c.payload, operation.c.planned)
    mine = mine.where(operation.c.lane == lane).order_by(operation.c.id)
    told = ((payload.to_event(r.payload, r.id), r.planned) for r in tx.execute(mine))
    return tuple(
        replace(event, approved=event.approved or planned) for event, planned in told
    )


def _in_order(rows: Iterable[Any]) -> tuple[Event, ...]:
    return tuple(payload.to_event(row.payload, row.id) for row in rows)


@lru_cache(maxsize=64)
def _of_so_many(lanes: int) -> Question:
    """The first TOGETHER of each: one with thousands must not crowd out the others."""
    each = [
        sa.select(operation.c.id, operation.c.lane, operation.c.payload)
        .where(operation.c.lane == the(f"lane_{no}"), sa.text(tables.ACCEPTED))
        .order_by(operation.c.id)
        .limit(TOGETHER)
        .subquery()
        for no in range(lanes)
    ]
    return Question(sa.union_all(*(sa.select(one) for one in each)))


def waiting_all(
    tx: sa.Connection, lanes: Sequence[str]
) -> Answer[dict[str, tuple[Event, ...] | Newer]]:
    """Accepted events of many lanes at the cost of one, in order of arrival each."""

    def read(rows: Iterable[Any]) -> dict[str, tuple[Event, ...] | Newer]:
        found: dict[str, list[Any]] = {lane: [] for lane in lanes}
        for row in rows:
            found[row.lane].append(row)
        return {lane: _events(of_one) for lane, of_one in found.items()}

    each = {f"lane_{no}": lane for no, lane in enumerate(lanes)}
    return _of_so_many(len(lanes)).ask(tx, read, **each)


def _events(rows: Iterable[Any]) -> tuple[Event, ...] | Newer:
    try:
        return _in_order(sorted(rows, key=lambda row: int(row.id)))
    except Newer as newer:
        return newer


def started(
    tx: sa.Connection, lanes: Collection[str]
) -> Answer[dict[str, list[Started]]]:
    """What was planned and is unfinished, of many lanes at the cost of one."""
    return STARTED.ask(tx, _started, lanes=lanes)


def _started(rows: Iterable[Any]) -> dict[str, list[Started]]:
    found: dict[str, list[Started]] = {}
    for row in rows:
        each = Started(row.id, row.event, row.type, Fate(row.fate))
        found.setdefault(row.lane, []).append(each)
    return found


def last_of(
    tx: sa.Connection,
    lane: str,
    source: str,
    events: Collection[str],
    arrivals: Collection[int],
) -> Operation | None:
    """The newest of a lane that has not ended; else of these, by their events or by
    when they arrived.

    Not the newest of all: nothing but what is unfinished is found without reading all.
    """
    mine = sa.select(operation).where(operation.c.lane == lane)
    for waits in (tables.ACCEPTED, tables.UNFINISHED):
        newest_ = mine.where(sa.text(waits)).order_by(operation.c.id.desc()).limit(1)
        if found := _operations(tx, newest_):
            return found[0]
    these = sa.or_(operation.c.event.in_(events), operation.c.id.in_(arrivals))
    ended = sa.select(operation).where(operation.c.source == source, these)
    newest_ = ended.order_by(operation.c.id.desc()).limit(1)
    return next(iter(_operations(tx, newest_)), None)


def asking(tx: sa.Connection, id_: int | None = None) -> list[Operation]:
    """The changes that wait for an admin, the oldest first; or that one, if it does."""
    query = sa.select(operation).where(
        sa.text(tables.UNFINISHED), sa.text("fate = 'parked'"), ASKS
    )
    if id_ is not None:
        query = query.where(operation.c.id == id_)
    return _operations(tx, query.order_by(operation.c.id))


def event_of(tx: sa.Connection, id_: int) -> Event:
    """What it said."""
    told = tx.execute(sa.select(operation.c.payload).where(operation.c.id == id_))
    return payload.to_event(told.scalar_one(), id_)


def event_named(tx: sa.Connection, id_: int) -> str | None:
    """What its platform calls it; None, where nobody here knows it."""
    query = sa.select(operation.c.event).where(operation.c.id == id_)
    return tx.execute(query).scalar()


def line_of(tx: sa.Connection, id_: int) -> str | None:
    """The paid line its event is about."""
    told = tx.execute(sa.select(operation.c.payload).where(operation.c.id == id_))
    line: str | None = told.scalar_one().get("line")
    return line


def seen(row: sa.Row[tuple[Any, ...]]) -> Operation:
    return Operation(
        row.id,
        row.name,
        row.lane,
        row.source,
        row.event,
        row.type,
        row.service,
        Fate(row.fate),
        payload.to_sentence(row.why),
        row.changed_at,
    )


def _operations(tx: sa.Connection, query: sa.Select[Any]) -> list[Operation]:
    return [seen(row) for row in tx.execute(query)]
