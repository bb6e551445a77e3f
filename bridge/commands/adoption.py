"""On accounts that were there before us: taken in, let go, undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from bridge import adoptions
from bridge.commands import Order, Told
from bridge.store import batches


def _adopt(
    tx: sa.Connection, at: datetime, these: Sequence[Told], because: str
) -> Told:
    taking = [adoptions.to_taking(told, at) for told in these]
    for batch in sorted({str(each.account.batch) for each in taking}):
        batches.hold_on(tx, batch)
    return dict(adoptions.take(tx, taking, because, at))


def _let_go(
    tx: sa.Connection,
    at: datetime,
    because: str,
    most: int,
    names: Sequence[str] | None = None,
    batch: str | None = None,
) -> Told:
    gone = adoptions.release(tx, because, at, most=most, names=names, batch=batch)
    return {"released": gone}


def _undo(
    tx: sa.Connection, at: datetime, batch: str, because: str, most: int, after: str
) -> Told:
    undone = adoptions.undo(tx, batch, because, at, most=most, after=after)
    return {"undone": undone.ids, "kept": undone.kept, "last": undone.last}


ORDERS: Mapping[str, Order] = {
    "adopt.take": _adopt,
    "adopt.release": _let_go,
    "adopt.undo": _undo,
}
