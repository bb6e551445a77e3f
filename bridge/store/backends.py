"""What all machines must know of a backend: whether it is paused, and its next call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.drafts import the
from bridge.store.tables import backend
from bridge.store.types import Moment

FOR_EVER = timedelta(days=36500)
"""Until somebody resumes it."""

PAUSED = sa.select(backend).where(backend.c.paused_until.is_not(None))
PROBE = (
    sa.update(backend)
    .where(backend.c.paused_until <= the("at"), ~backend.c.by_hand)
    .values(paused_until=the("until"))
    .returning(backend.c.name)
)
OVER = (
    sa.update(backend)
    .where(backend.c.paused_until <= the("at"), backend.c.by_hand)
    .values(paused_until=None, paused_because=None, by_hand=False)
    .returning(backend.c.name)
)


@dataclass(frozen=True, slots=True)
class Pause:
    until: datetime
    because: str | None
    by_hand: bool


def paused(tx: sa.Connection) -> dict[str, Pause]:
    rows = tx.execute(PAUSED)
    return {r.name: Pause(r.paused_until, r.paused_because, r.by_hand) for r in rows}


def pause(
    tx: sa.Connection, name: str, until: datetime, because: str, *, by_hand: bool
) -> None:
    """Nothing is sent there until then. What a person said is not overruled."""
    values = {"paused_until": until, "paused_because": because, "by_hand": by_hand}
    new = insert(tx, backend).values(name=name, **values)
    tx.execute(
        new.on_conflict_do_update(
            index_elements=["name"],
            set_=values,
            where=None if by_hand else ~backend.c.by_hand,
        )
    )


def resume(tx: sa.Connection, name: str, *, by_hand: bool) -> bool:
    """Whether there was a pause to end; only a person ends a person's."""
    change = sa.update(backend).where(
        backend.c.name == name, backend.c.paused_until.is_not(None)
    )
    if not by_hand:
        change = change.where(~backend.c.by_hand)
    values = {"paused_until": None, "paused_because": None, "by_hand": False}
    return tx.execute(change.values(values)).rowcount == 1


def end_by_hand(tx: sa.Connection, at: datetime) -> list[str]:
    """Pauses whose time a person set, and that are over now."""
    return list(tx.execute(OVER, {"the_at": at}).scalars())


def to_probe(tx: sa.Connection, at: datetime, until: datetime) -> list[str]:
    """Paused backends that may be asked again. One process is told of each."""
    return list(tx.execute(PROBE, {"the_at": at, "the_until": until}).scalars())


def reserve(
    tx: sa.Connection, name: str, at: datetime, calls: int, every: timedelta
) -> datetime:
    """The moment of the first of so many calls that are ours alone."""
    long = calls * every
    now = sa.literal(at, Moment)
    first = sa.case((backend.c.next_call > now, backend.c.next_call), else_=now)
    micro = sa.literal(long // timedelta(microseconds=1), sa.BigInteger)
    after = sa.type_coerce(first, sa.BigInteger) + micro
    new = insert(tx, backend).values(name=name, by_hand=False, next_call=at + long)
    reserved: datetime = tx.execute(
        new.on_conflict_do_update(
            index_elements=["name"], set_={"next_call": after}
        ).returning(backend.c.next_call)
    ).scalar_one()
    return reserved - long
