"""What is behind us: each backend with its pause, and how much waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bridge.store import backends, queues, switchoffs
from bridge.store.backends import FOR_EVER, Pause


@dataclass(frozen=True, slots=True)
class Behind:
    backend: str
    state: str
    until: datetime | None
    """When it goes on by itself, or is asked whether it works again."""

    because: str | None
    waiting: int
    oldest_seconds: float
    switched_off: int
    """Accounts, within the guard's hour."""

    stopped: int
    """Accounts that the guard keeps from being switched off."""


def behind(tx: sa.Connection, names: Iterable[str], at: datetime) -> list[Behind]:
    paused, queued = backends.paused(tx), queues.queued(tx, at)
    stopped, found = queues.stopped(tx), []
    for name in names:
        pause, queue = _lasting(paused.get(name), at), queued.get(name)
        waited = (at - queue.oldest).total_seconds() if queue else 0.0
        found.append(
            Behind(
                backend=name,
                state=_state(pause),
                until=_until(pause, at),
                because=pause.because if pause else None,
                waiting=queue.count if queue else 0,
                oldest_seconds=round(waited, 1),
                switched_off=switchoffs.counted(tx, name, at),
                stopped=stopped[name].count if name in stopped else 0,
            )
        )
    return found


def _lasting(pause: Pause | None, at: datetime) -> Pause | None:
    """One a person set a time for is over then, whoever notes it first."""
    return None if pause and pause.by_hand and pause.until <= at else pause


def _until(pause: Pause | None, at: datetime) -> datetime | None:
    if pause is None or pause.until - at > FOR_EVER / 2:
        return None
    return pause.until


def _state(pause: Pause | None) -> str:
    if pause is None:
        return "open"
    return "paused by hand" if pause.by_hand else "paused"
