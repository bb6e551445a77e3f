"""Many deliveries taken in with one commit: requests, events, and their lanes awake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.store import drafts, lanes, operations, outbox, payload
from bridge.store.drafts import Draft, Rank, inserting, the
from bridge.store.operations import Operation
from bridge.store.questions import Answer, Question, among
from bridge.store.ready import Row, together
from bridge.store.tables import operation, request
from provisioning.core.events import Event
from provisioning.core.heard import Fate


class Reused(Exception):
    """The same delivery id came with another body."""


@dataclass(frozen=True, slots=True)
class Named:
    """An event, and what the outside will know it by."""

    event: Event
    name: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One proven delivery, ready to be kept."""

    source: str
    delivery: str
    digest: str
    kept: str
    events: tuple[Named, ...]
    at: datetime
    follow: str | None = None
    """The channel by which its source hears how each event ended."""

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.delivery


@dataclass(frozen=True, slots=True)
class Taken:
    new: bool
    operations: list[Operation]


@dataclass(frozen=True, slots=True)
class Home:
    """The lane an event waits in, and the backend of its account, where it has one."""

    lane: str
    backend: str | None = None


Homes = Callable[[sa.Connection, Sequence[Event]], Answer[list[Home]]]

_REQUEST = ("source", "delivery", "digest", "body", "received_at")
# RETURNING, not rowcount: with psycopg that is -1 after ON CONFLICT DO NOTHING.
KEEP = inserting(
    Rank.OPERATION,
    request,
    lambda new: (
        new.values({name: the(name) for name in _REQUEST})
        .on_conflict_do_nothing(index_elements=["source", "delivery"])
        .returning(request.c.id, request.c.source, request.c.delivery)
    ),
)
_OPERATION = ("name", "request", "lane", "source", "event", "type", "service",
              "payload", "fate", "planned", "changed_at")  # fmt: skip
ADD = inserting(
    Rank.OPERATION,
    operation,
    lambda new: (
        new.values({name: the(name) for name in _OPERATION})
        .on_conflict_do_nothing(index_elements=["source", "event"])
        .returning(operation.c.id, operation.c.source, operation.c.event)
    ),
)
# Each of these ids from any of these sources: some more than were asked for, at times.
DIGESTS = Question(
    sa.select(request.c.source, request.c.delivery, request.c.digest).where(
        among(request.c.source, "sources"), among(request.c.delivery, "ids")
    )
)
TOLD = Question(
    sa.select(operation).where(
        among(operation.c.source, "sources"), among(operation.c.event, "ids")
    )
)

Key = tuple[str, str]
New = tuple[Named, int, Home, datetime, str | None]
"""An event, the request it came in, where it waits, since when, and who follows it."""

FIRST_LOOK = timedelta(seconds=30)
"""When what became of an event is first looked for: whoever waits for the answer to it
has one by then."""


def keep(
    tx: sa.Connection, arrivals: Sequence[Arrival], homes: Homes
) -> list[Taken | Exception]:
    """What each brought.

    Requests go in by the order of their keys, so that no two who are told the same wait
    for each other in a ring; events in the order they came.
    """
    first = {arrival.key: arrival for arrival in reversed(arrivals)}
    every = [named for arrival in arrivals for named in arrival.events]
    with together(tx):
        asked = homes(tx, [named.event for named in every])
        before = _told(tx, set(map(_key, every)))
        keeping = KEEP.ready(tx.dialect).send(
            tx, [_request(first[key]) for key in sorted(first)], returns=True
        )
    kept = {(source, delivery): id_ for id_, source, delivery in keeping.returned()}
    where = dict(zip((named.name for named in every), asked.read(), strict=True))
    known = _digests(tx, {a.key for a in arrivals} - set(kept))
    known |= {key: first[key].digest for key in kept}
    told = before.read()
    new = {
        _key(named): (named, kept[a.key], where[named.name], a.at, a.follow)
        for a in arrivals
        if first[a.key] is a and a.key in kept
        for named in a.events
        if _key(named) not in told
    }
    told |= _add(tx, new)
    # Somebody else may have told some just then.
    told |= _told(tx, {key for a in arrivals for key in _keys(a)} - set(told)).read()
    return [
        Reused(arrival.delivery)
        if known[arrival.key] != arrival.digest
        else Taken(
            new=first[arrival.key] is arrival and arrival.key in kept,
            operations=[told[key] for key in _keys(arrival)],
        )
        for arrival in arrivals
    ]


def _key(named: Named) -> Key:
    return named.event.source, named.event.id


def _keys(arrival: Arrival) -> list[Key]:
    return [_key(named) for named in arrival.events]


def _request(a: Arrival) -> Row:
    return {
        "source": a.source,
        "delivery": a.delivery,
        "digest": a.digest,
        "body": a.kept,
        "received_at": a.at,
    }


def _digests(tx: sa.Connection, keys: set[Key]) -> dict[Key, str]:
    if not keys:
        return {}
    rows = DIGESTS.ask(tx, list, **_named(keys)).read()
    return {(row.source, row.delivery): row.digest for row in rows}


def _add(tx: sa.Connection, new: Mapping[Key, New]) -> dict[Key, Operation]:
    """Events nobody told before, and their lanes awake."""
    if not new:
        return {}
    wakes, due = Draft(), {home: at for _, _, home, at, _ in new.values()}
    for home in sorted(due, key=lambda home: home.lane):
        lanes.wake(wakes, home.lane, due[home], home.backend)
    for named, _, _, at, follow in new.values():
        if follow:
            _follow(wakes, named, follow, at)
    with together(tx):
        drafts.write(tx, [wakes])
        rows = [_row(*each) for each in new.values()]
        added = ADD.ready(tx.dialect).send(tx, rows, returns=True)
        lanes.hint(tx)
    return {(s, e): _new(id_, *new[s, e]) for id_, s, e in added.returned()}


def _follow(wakes: Draft, named: Named, channel: str, at: datetime) -> None:
    said = {"type": "follow", "operation": named.name}
    key = f"follow:{named.name}"
    outbox.add(wakes, key, channel, said, at, due=at + FIRST_LOOK)


def _new(
    id_: int, named: Named, _kept: int, home: Home, at: datetime, _follow: str | None
) -> Operation:
    """As it was just written."""
    event, accepted = named.event, Fate.ACCEPTED
    return Operation(
        id_, named.name, home.lane, event.source, event.id, event.type, event.service,
        accepted, None, at,
    )  # fmt: skip


def _row(named: Named, kept: int, home: Home, at: datetime, _follow: str | None) -> Row:
    event = named.event
    return {
        "name": named.name,
        "request": kept,
        "lane": home.lane,
        "source": event.source,
        "event": event.id,
        "type": event.type,
        "service": event.service,
        "payload": payload.from_event(event),
        "fate": Fate.ACCEPTED.value,
        "planned": False,
        "changed_at": at,
    }


def _told(tx: sa.Connection, keys: set[Key]) -> Answer[dict[Key, Operation]]:
    """Those that are known already; nothing is asked for nothing."""
    if not keys:
        return Answer(dict)
    return TOLD.ask(tx, _seen, **_named(keys))


def _seen(rows: Sequence[Any]) -> dict[Key, Operation]:
    return {(row.source, row.event): operations.seen(row) for row in rows}


def _named(keys: set[Key]) -> dict[str, set[str]]:
    return {"sources": {source for source, _ in keys}, "ids": {id_ for _, id_ in keys}}
