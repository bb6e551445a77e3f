"""What a downgrade leaves too much of: capacity is trimmed, locked data deleted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from provisioning.core.dues import Due, What
from provisioning.core.entitlements import Entitlements
from provisioning.core.losses import Loss, parts

TRIM_AFTER = timedelta(days=7)
TRIM_NOTICES = (timedelta(0), timedelta(days=5), timedelta(days=7))
"""After the downgrade (D9)."""

DELETE_AFTER = timedelta(days=90)
DELETE_NOTICES = (timedelta(days=30), timedelta(days=7), timedelta(days=1))
"""Before the deletion (D10)."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """So many units of extra capacity, bought then."""

    ref: str
    units: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Locked:
    """What nothing is left of since then: the data kept by it goes."""

    feature: str
    since: datetime


def trimmed(purchases: tuple[Purchase, ...], limit: int) -> tuple[Purchase, ...]:
    """Whole units off the oldest until the limit is kept: 4+5+6 on 10 is 0+4+6."""
    over = excess(purchases, limit)
    kept = []
    for purchase in sorted(purchases, key=lambda p: (p.at, p.ref)):
        off = min(over, purchase.units)
        kept.append(replace(purchase, units=purchase.units - off))
        over -= off
    return tuple(kept)


def excess(purchases: tuple[Purchase, ...], limit: int) -> int:
    """How many units are above the limit."""
    return max(sum(p.units for p in purchases) - max(limit, 0), 0)


def trims(
    of: str, purchases: tuple[Purchase, ...], limit: int, effect: datetime
) -> tuple[Due, ...]:
    """Notices and the trim itself, as long as there is something above the limit.

    Asked anew whenever somebody buys or deletes: within the limit nothing is due.
    """
    if not excess(purchases, limit):
        return ()
    since = effect.astimezone(UTC)
    notices = (Due(of, What.WARN_CAPACITY, since + after) for after in TRIM_NOTICES)
    return (*notices, Due(of, What.TRIM, since + TRIM_AFTER))


def locked(lost: tuple[Loss, ...], effect: datetime) -> tuple[Locked, ...]:
    """What a change locks, from its effect on."""
    return tuple(Locked(loss.name, effect) for loss in lost if loss.locks)


def still_locked(
    features: tuple[Locked, ...], entitlements: Entitlements
) -> tuple[Locked, ...]:
    """Those a later change has not unlocked: the others' deletion is off."""
    has = parts(entitlements)
    return tuple(f for f in features if Loss(f.feature, 1, has.get(f.feature)).locks)


def deletions(of: str, features: tuple[Locked, ...]) -> tuple[Due, ...]:
    """Each feature's notices and its deletion (C15)."""
    return tuple(due for feature in features for due in _deletion(of, feature))


def _deletion(of: str, feature: Locked) -> tuple[Due, ...]:
    of, deletes = (
        f"{of}/{feature.feature}",
        feature.since.astimezone(UTC) + DELETE_AFTER,
    )
    notices = (Due(of, What.WARN_DATA, deletes - before) for before in DELETE_NOTICES)
    return (*notices, Due(of, What.DELETE, deletes))
