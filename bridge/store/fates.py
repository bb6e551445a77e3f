"""What becomes of accepted events, put on record: ruled, turned, parked, sent on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from bridge.store import payload, tables
from bridge.store.drafts import Rank, Writes, put, statement, the
from bridge.store.operations import Started
from bridge.store.tables import operation, request
from bridge.store.types import Moment
from provisioning.core.heard import Fate, Ruling
from provisioning.core.sentences import Sentence

GOING_ON = (Fate.WORKING, Fate.UNSURE)

_SAID = {"fate": the("fate"), "why": the("why"), "changed_at": the("at")}
RULE = statement(
    Rank.OPERATION,
    sa.update(operation)
    .where(operation.c.id == the("id"))
    .values(_SAID | {"planned": the("planned")}),
)
# What was planned may meanwhile have been asked for again, by a person: that stands.
TURN = statement(
    Rank.TURN,
    sa.update(operation)
    .where(operation.c.id == the("id"), operation.c.planned)
    .values(_SAID),
)
TURN_ALL = statement(
    Rank.TURN,
    sa.update(operation)
    .where(
        operation.c.lane == the("lane"),
        operation.c.planned,
        sa.text(tables.UNFINISHED),
    )
    .values(_SAID),
)
LEAVE = statement(
    Rank.TURN,
    sa.update(operation)
    .where(operation.c.id == the("id"), operation.c.planned)
    .values(_SAID | {"planned": False}),
)
EXPLAIN = statement(
    Rank.TURN,
    sa.update(operation)
    .where(
        operation.c.lane == the("lane"),
        sa.text("fate IN ('accepted', 'working')"),
    )
    .values(why=the("why"), changed_at=the("at")),
)
SHELVE = statement(
    Rank.TURN,
    sa.update(operation)
    .where(
        operation.c.lane == the("lane"),
        sa.text(tables.ACCEPTED),
        operation.c.request.in_(
            sa.select(request.c.id).where(request.c.received_at < the("before", Moment))
        ),
    )
    .values(_SAID),
)


def rule(tx: Writes, rulings: Iterable[Ruling], at: datetime) -> None:
    """Planned are the events whose word and money now count, done or not."""
    for ruling in rulings:
        put(
            tx,
            RULE,
            id=ruling.event.arrival,
            fate=ruling.fate.value,
            why=payload.from_sentence(ruling.why),
            planned=ruling.fate is Fate.WORKING,
            at=at,
        )


def turn(
    tx: Writes,
    these: Iterable[Started],
    to: Fate,
    at: datetime,
    why: Sentence | None = None,
) -> None:
    """Give planned and unfinished events another fate.

    What was parked or refused does not become unsure.
    """
    said = payload.from_sentence(why)
    for each in these:
        if to is not Fate.UNSURE or each.fate in GOING_ON:
            put(tx, TURN, id=each.id, fate=to.value, why=said, at=at)


def leave(
    tx: Writes, those: Iterable[Started], to: Fate, at: datetime, why: Sentence
) -> None:
    """It stays so, whatever becomes of the account, until a person says retry."""
    for each in those:
        kept = payload.from_sentence(why)
        put(tx, LEAVE, id=each.id, fate=to.value, why=kept, at=at)


def turn_all(
    tx: Writes, lane: str, to: Fate, at: datetime, why: Sentence | None = None
) -> None:
    """The same for a whole lane, where nobody knows what is in it."""
    said = payload.from_sentence(why)
    put(tx, TURN_ALL, lane=lane, fate=to.value, why=said, at=at)


def explain(tx: Writes, lane: str, why: Sentence, at: datetime) -> None:
    """Say of all that waits in a lane what it waits for."""
    put(tx, EXPLAIN, lane=lane, why=payload.from_sentence(why), at=at)


def shelve(
    tx: Writes, lane: str, before: datetime, why: Sentence, at: datetime
) -> None:
    """Park what was accepted before that moment and could not even be planned since."""
    said = payload.from_sentence(why)
    fate = Fate.PARKED.value
    put(tx, SHELVE, lane=lane, before=before, fate=fate, why=said, at=at)


def again(tx: sa.Connection, id_: int, at: datetime) -> str:
    """Plan it anew: what it said and brought already counts only once.

    The lane it waits in by now: somebody may just have sent it on.
    """
    lane: str = tx.execute(
        sa.update(operation)
        .where(operation.c.id == id_)
        .values(fate=Fate.ACCEPTED.value, why=None, planned=False, changed_at=at)
        .returning(operation.c.lane)
    ).scalar_one()
    return lane


def move(tx: sa.Connection, ids: Collection[int], lane: str, at: datetime) -> None:
    """To the lane of the account they turned out to be for, to be planned there."""
    tx.execute(
        sa.update(operation)
        .where(operation.c.id.in_(ids))
        .values(lane=lane, fate=Fate.ACCEPTED.value, why=None, changed_at=at)
    )


def end(tx: sa.Connection, id_: int, to: Fate, why: Sentence, at: datetime) -> None:
    """By a person's word."""
    told = {"fate": to.value, "why": payload.from_sentence(why), "changed_at": at}
    tx.execute(sa.update(operation).where(operation.c.id == id_).values(told))
