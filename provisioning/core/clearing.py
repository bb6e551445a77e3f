"""What a downgrade leaves too much of: capacity is trimmed, locked data deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from provisioning.core.dues import Due, What
from provisioning.core.kept import Locked
from provisioning.core.losses import Loss

TRIM_AFTER = timedelta(days=7)
TRIM_NOTICES = (timedelta(0), timedelta(days=5), timedelta(days=7))
"""After the downgrade (D9)."""

DELETE_AFTER = timedelta(days=90)
DELETE_NOTICES = (timedelta(days=30), timedelta(days=7), timedelta(days=1))
"""Before the deletion (D10)."""

LATE = timedelta(days=1)
"""How far back a change may date what begins with it. Heard of later than that, the
customer has his time from then: a notice that is over when it is given is none."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """So many units of extra capacity, bought then."""

    ref: str
    units: int
    at: datetime


def trimmed(purchases: tuple[Purchase, ...], limit: int) -> tuple[Purchase, ...]:
    """Whole units off the oldest until the limit is kept: 4+5+6 on 10 is 0+4+6."""
    over = excess(purchases, limit)
    kept = []
    for purchase in sorted(purchases, key=lambda p: (p.at, p.ref)):
        off = min(over, purchase.units)
        kept.append(replace(purchase, units=purchase.units - off))
        over -= off
    return tuple(kept)


def excess(purchases: Iterable[Purchase], limit: int) -> int:
    """How many units are above the limit."""
    return max(sum(p.units for p in purchases) - max(limit, 0), 0)


def trims(of: str, effect: datetime) -> tuple[Due, ...]:
    """Notices and the trim itself, of what is above the limit since then."""
    since = effect.astimezone(UTC)
    notices = (Due(of, What.WARN_CAPACITY, since + after) for after in TRIM_NOTICES)
    return (*notices, Due(of, What.TRIM, since + TRIM_AFTER))


def trims_at(since: datetime) -> datetime:
    return since.astimezone(UTC) + TRIM_AFTER


def locked(lost: tuple[Loss, ...], effect: datetime) -> tuple[Locked, ...]:
    """What a change locks, from its effect on."""
    return tuple(Locked(loss.name, effect) for loss in lost if loss.locks)


def deletes_at(lock: Locked) -> datetime | None:
    """None: it is not locked for now, or its data is gone already."""
    if lock.since is None or lock.gone_at:
        return None
    return lock.since.astimezone(UTC) + DELETE_AFTER


def deletions(of: str, locks: Iterable[Locked]) -> tuple[Due, ...]:
    """Each one's notices and its deletion (C15)."""
    return tuple(due for lock in locks for due in _deletion(of, lock))


def _deletion(of: str, lock: Locked) -> tuple[Due, ...]:
    of, deletes = f"{of}/{lock.feature}", deletes_at(lock)
    if deletes is None:
        return ()
    notices = (Due(of, What.WARN_DATA, deletes - before) for before in DELETE_NOTICES)
    return (*notices, Due(of, What.DELETE, deletes))


def dated(said: datetime | None, at: datetime) -> datetime:
    """From when on its time counts: from its effect, but never from long ago."""
    return min(max(said or at, at - LATE), at)
