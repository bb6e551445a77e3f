"""On a backend: paused and resumed, what it was found to do, how much may go off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.commands import Order, Told
from bridge.store import backends, queues, switchoffs, verdicts


def _pause(
    tx: sa.Connection, at: datetime, backend: str, seconds: float | None, because: str
) -> Told:
    until = at + (backends.FOR_EVER if seconds is None else timedelta(seconds=seconds))
    backends.pause(tx, backend, until, because, by_hand=True)
    return {"paused": backend, "until": None if seconds is None else until.isoformat()}


def _resume(tx: sa.Connection, at: datetime, backend: str) -> Told:
    if not backends.resume(tx, backend, by_hand=True):
        raise LookupError(f"backend {backend} is not paused; see `switchhook backend`")
    queues.count_anew(tx, backend, at)
    queues.due_now(tx, backend, at)
    return {"resumed": backend}


def _probed(
    tx: sa.Connection,
    at: datetime,
    backend: str,
    found: Sequence[Told],
    because: str | None = None,
) -> Told:
    verdicts.keep(tx, backend, [verdicts.read(each) for each in found], at)
    return {"probed": backend, "because": because}


def _allow_off(
    tx: sa.Connection, at: datetime, backend: str, count: int, seconds: float,
    because: str,
) -> Told:  # fmt: skip
    # The lanes first, as everybody locks them.
    woken = queues.wake_stopped(tx, backend, at)
    until = at + timedelta(seconds=seconds)
    switchoffs.allow(tx, backend, count, until, because)
    return {"allowed": backend, "count": count, "until": until.isoformat(),
            "waited": woken}  # fmt: skip


ORDERS: Mapping[str, Order] = {
    "backend.pause": _pause,
    "backend.resume": _resume,
    "backend.probed": _probed,
    "backend.allow_off": _allow_off,
}
