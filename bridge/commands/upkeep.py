"""On the bridge itself: its clock in a demo, its ticks, its keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge import advancing
from bridge.commands import Order, Told
from bridge.store import facts, sealed, ticks

ADVANCE = "clock.advance"
RESEAL = "keys.reseal"


def _tick_now(tx: sa.Connection, at: datetime, tick: str) -> Told:
    if not ticks.hurry(tx, tick, at):
        raise LookupError(
            f"{tick} never ran yet: start `switchhook serve` or `worker` first"
        )
    facts.ask(tx, tick, at)
    return {"due": tick}


def _advance(tx: sa.Connection, at: datetime, seconds: float) -> Told:
    """Done, or what is under way."""
    return {"under_way": advancing.advance(tx, timedelta(seconds=seconds), at)}


def _reseal(
    tx: sa.Connection,
    _: datetime,
    place: str,
    swaps: Sequence[tuple[str, str, str]],
    by: str,  # noqa: ARG001 - whoever carries it out must know that key
) -> Told:
    return {"resealed": sealed.swap(tx, place, swaps)}


ORDERS: Mapping[str, Order] = {
    "tick.now": _tick_now,
    ADVANCE: _advance,
    RESEAL: _reseal,
}
