"""Accepted events and their fates."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.store import payload
from bridge.store.database import insert
from bridge.store.tables import operation, request
from provisioning.core.events import Event
from provisioning.core.plan import Fate, Ruling
from provisioning.core.sentences import Sentence

UNFINISHED = (Fate.WORKING, Fate.UNSURE, Fate.PARKED, Fate.REFUSED)
TOGETHER = 200
"""How many waiting events one plan takes in."""


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


class Reused(Exception):
    """The same delivery id came with another body."""


def keep_request(
    tx: sa.Connection, source: str, delivery: str, digest: str, body: str, at: datetime
) -> int | None:
    """The new request's id, or None where this very delivery is kept already."""
    new = insert(tx, request).values(
        source=source, delivery=delivery, digest=digest, body=body, received_at=at
    )
    # RETURNING, not rowcount: with psycopg that is -1 after ON CONFLICT DO NOTHING.
    kept: int | None = tx.execute(
        new.on_conflict_do_nothing().returning(request.c.id)
    ).scalar()
    if kept is None and _digest(tx, source, delivery) != digest:
        raise Reused(delivery)
    return kept


def add(
    tx: sa.Connection, kept: int, event: Event, name: str, lane: str, at: datetime
) -> bool:
    """Whether it is new: another delivery may have told the same event before."""
    new = insert(tx, operation).values(
        name=name,
        request=kept,
        lane=lane,
        source=event.source,
        event=event.id,
        type=event.type,
        service=event.service,
        payload=payload.from_event(event),
        fate=Fate.ACCEPTED.value,
        planned=False,
        changed_at=at,
    )
    added = tx.execute(new.on_conflict_do_nothing().returning(operation.c.id))
    return added.scalar() is not None


def of_events(tx: sa.Connection, source: str, ids: Collection[str]) -> list[Operation]:
    mine = sa.and_(operation.c.source == source, operation.c.event.in_(ids))
    return _operations(tx, sa.select(operation).where(mine).order_by(operation.c.id))


def named(tx: sa.Connection, name: str) -> Operation | None:
    found = _operations(tx, sa.select(operation).where(operation.c.name == name))
    return found[0] if found else None


def newest(tx: sa.Connection, last: int, fate: str | None) -> list[Operation]:
    query = sa.select(operation).order_by(operation.c.id.desc()).limit(last)
    return _operations(tx, query.where(operation.c.fate == fate) if fate else query)


def body_of(tx: sa.Connection, id_: int) -> str:
    """The request it came in, as it was kept."""
    body: str = tx.execute(
        sa.select(request.c.body).join(operation).where(operation.c.id == id_)
    ).scalar_one()
    return body


def again(tx: sa.Connection, id_: int, at: datetime) -> None:
    """Plan it anew: what it said and brought already counts only once."""
    tx.execute(
        sa.update(operation)
        .where(operation.c.id == id_)
        .values(fate=Fate.ACCEPTED.value, why=None, planned=False, changed_at=at)
    )


def waiting(tx: sa.Connection, lane: str, *fates: Fate) -> tuple[Event, ...]:
    """The lane's events at *fates* (accepted, if none is named) in order of arrival."""
    at = [fate.value for fate in fates or (Fate.ACCEPTED,)]
    rows = tx.execute(
        sa.select(operation.c.id, operation.c.payload)
        .where(operation.c.lane == lane, operation.c.fate.in_(at))
        .order_by(operation.c.id)
        .limit(None if fates else TOGETHER)
    )
    return tuple(payload.to_event(row.payload, row.id) for row in rows)


def rule(tx: sa.Connection, rulings: Iterable[Ruling], at: datetime) -> None:
    """Planned are the events whose word and money now count, done or not."""
    for ruling in rulings:
        tx.execute(
            sa.update(operation)
            .where(operation.c.id == ruling.event.arrival)
            .values(
                fate=ruling.fate.value,
                why=payload.from_sentence(ruling.why),
                planned=ruling.fate is Fate.WORKING,
                changed_at=at,
            )
        )


def turn(
    tx: sa.Connection,
    lane: str,
    to: Fate,
    at: datetime,
    *,
    why: Sentence | None = None,
    only: Collection[str] | None = None,
    but: Collection[str] = (),
    types: Collection[str] | None = None,
) -> None:
    """Give the lane's planned and unfinished events another fate: all, some, or others.

    *only* and *but* are event ids. What was parked or refused does not become unsure.
    """
    from_ = (Fate.WORKING,) if to is Fate.UNSURE else UNFINISHED
    change = sa.update(operation).where(
        operation.c.lane == lane,
        operation.c.planned,
        operation.c.fate.in_([fate.value for fate in from_]),
        operation.c.event.not_in(but),
    )
    if only is not None:
        change = change.where(operation.c.event.in_(only))
    if types is not None:
        change = change.where(operation.c.type.in_(types))
    tx.execute(
        change.values(fate=to.value, why=payload.from_sentence(why), changed_at=at)
    )


def explain(tx: sa.Connection, lane: str, why: Sentence, at: datetime) -> None:
    """Say of all that waits in a lane what it waits for."""
    tx.execute(
        sa.update(operation)
        .where(
            operation.c.lane == lane,
            operation.c.fate.in_([Fate.ACCEPTED.value, Fate.WORKING.value]),
        )
        .values(why=payload.from_sentence(why), changed_at=at)
    )


def shelve(
    tx: sa.Connection, lane: str, before: datetime, why: Sentence, at: datetime
) -> None:
    """Park what was accepted before that moment and could not even be planned since."""
    kept = sa.select(request.c.id).where(request.c.received_at < before)
    tx.execute(
        sa.update(operation)
        .where(
            operation.c.lane == lane,
            operation.c.fate == Fate.ACCEPTED.value,
            operation.c.request.in_(kept),
        )
        .values(fate=Fate.PARKED.value, why=payload.from_sentence(why), changed_at=at)
    )


def move(tx: sa.Connection, ids: Collection[int], lane: str, at: datetime) -> None:
    """To the lane of the account they turned out to be for, to be planned there."""
    tx.execute(
        sa.update(operation)
        .where(operation.c.id.in_(ids))
        .values(lane=lane, fate=Fate.ACCEPTED.value, why=None, changed_at=at)
    )


def _digest(tx: sa.Connection, source: str, delivery: str) -> str | None:
    digest: str | None = tx.execute(
        sa.select(request.c.digest).where(
            request.c.source == source, request.c.delivery == delivery
        )
    ).scalar()
    return digest


def _operations(tx: sa.Connection, query: sa.Select[Any]) -> list[Operation]:
    return [
        Operation(
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
        for row in tx.execute(query)
    ]
