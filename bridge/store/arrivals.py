"""Many deliveries taken in with one commit: requests, events, and their lanes awake."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bridge.store import drafts, lanes, operations, payload
from bridge.store.drafts import Draft, Rank, inserting, the
from bridge.store.operations import Operation
from bridge.store.tables import operation, request
from provisioning.core.events import Event
from provisioning.core.plan import Fate


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


Homes = Callable[[sa.Connection, Sequence[Event]], Sequence[Home]]

_KEY = sa.tuple_(request.c.source, request.c.delivery)
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
DIGESTS = sa.select(request.c.source, request.c.delivery, request.c.digest).where(
    _KEY.in_(the("keys"))
)
TOLD = sa.select(operation).where(
    sa.tuple_(operation.c.source, operation.c.event).in_(the("keys"))
)

Key = tuple[str, str]


def keep(
    tx: sa.Connection, arrivals: Sequence[Arrival], homes: Homes
) -> list[Taken | Exception]:
    """What each brought.

    Requests go in by the order of their keys, so that no two who are told the same wait
    for each other in a ring; events in the order they came.
    """
    first = {arrival.key: arrival for arrival in reversed(arrivals)}
    kept = _requests(tx, [first[key] for key in sorted(first)])
    known = _digests(tx, {a.key for a in arrivals} - set(kept))
    known |= {key: first[key].digest for key in kept}
    new = [(a, kept[a.key]) for a in arrivals if first[a.key] is a and a.key in kept]
    added = _events(tx, new, homes)
    told = added | _told(tx, {k for a in arrivals for k in _keys(a)} - set(added))
    return [
        Reused(arrival.delivery)
        if known[arrival.key] != arrival.digest
        else Taken(
            new=first[arrival.key] is arrival and arrival.key in kept,
            operations=[told[key] for key in _keys(arrival)],
        )
        for arrival in arrivals
    ]


def _keys(arrival: Arrival) -> list[Key]:
    return [(arrival.source, named.event.id) for named in arrival.events]


def _requests(tx: sa.Connection, arrivals: Iterable[Arrival]) -> dict[Key, int]:
    """The new ones' ids; those that are kept already are left out."""
    rows = [
        {
            "the_source": a.source,
            "the_delivery": a.delivery,
            "the_digest": a.digest,
            "the_body": a.kept,
            "the_received_at": a.at,
        }
        for a in arrivals
    ]
    new = KEEP.ready(tx.dialect).fetch(tx, rows)
    return {(source, delivery): id_ for id_, source, delivery in new}


def _digests(tx: sa.Connection, keys: set[Key]) -> dict[Key, str]:
    if not keys:
        return {}
    rows = tx.execute(DIGESTS, {"the_keys": sorted(keys)})
    return {(row.source, row.delivery): row.digest for row in rows}


def _events(
    tx: sa.Connection, new: Sequence[tuple[Arrival, int]], homes: Homes
) -> dict[Key, Operation]:
    """Those nobody told before, added, and their lanes awake."""
    events = [
        (named, id_, arrival.at) for arrival, id_ in new for named in arrival.events
    ]
    if not events:
        return {}
    where = homes(tx, [named.event for named, _, _ in events])
    told = {
        (named.event.source, named.event.id): (named, id_, home, at)
        for (named, id_, at), home in zip(events, where, strict=True)
    }
    rows = [_row(*each) for each in told.values()]
    added = ADD.ready(tx.dialect).fetch(tx, rows)
    found = {(s, e): _new(id_, *told[s, e]) for id_, s, e in added}
    wakes = Draft()
    backends = {home.lane: home.backend for home in where}
    for lane, at in sorted({o.lane: o.changed_at for o in found.values()}.items()):
        lanes.wake(wakes, lane, at, backends[lane])
    drafts.write(tx, [wakes])
    return found


def _new(id_: int, named: Named, _kept: int, home: Home, at: datetime) -> Operation:
    """As it was just written."""
    event, accepted = named.event, Fate.ACCEPTED
    return Operation(
        id_, named.name, home.lane, event.source, event.id, event.type, event.service,
        accepted, None, at,
    )  # fmt: skip


def _row(named: Named, kept: int, home: Home, at: datetime) -> dict[str, object]:
    event = named.event
    return {
        "the_name": named.name,
        "the_request": kept,
        "the_lane": home.lane,
        "the_source": event.source,
        "the_event": event.id,
        "the_type": event.type,
        "the_service": event.service,
        "the_payload": payload.from_event(event),
        "the_fate": Fate.ACCEPTED.value,
        "the_planned": False,
        "the_changed_at": at,
    }


def _told(tx: sa.Connection, keys: set[Key]) -> dict[Key, Operation]:
    if not keys:
        return {}
    rows = tx.execute(TOLD, {"the_keys": sorted(keys)})
    return {(row.source, row.event): operations.seen(row) for row in rows}
