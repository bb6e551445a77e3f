"""When what is given anew comes due: once a paid period, or each interval of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from provisioning.core.account import LIFE, PACKAGE, Service
from provisioning.core.period import Place


def begun(
    service: Service,
    every: int | None,
    at: datetime,
    *,
    after: Place,
    granted: Collection[int],
) -> tuple[Place, ...]:
    """Those that have begun since the last one, and are not over for this service.

    *granted*: the paid periods for which anything was given before.
    """
    starts = _starts(service, every, at)
    places = tuple(sorted(p for p, s in starts.items() if after < p and s <= at))
    return _of_this_life(service, starts, places, granted, at)


def coming(
    service: Service, every: int | None, at: datetime
) -> tuple[Place, datetime] | None:
    """The first that is still to begin, and when."""
    later = {p: s for p, s in _starts(service, every, at).items() if s > at}
    return min(later.items()) if later else None


def _of_this_life(
    service: Service,
    starts: Mapping[Place, datetime],
    places: tuple[Place, ...],
    granted: Collection[int],
    at: datetime,
) -> tuple[Place, ...]:
    """Those not over when it was last begun, or became what it is.

    The one under way when it became that is granted by the change, where anything was
    granted in its paid period before: only what exceeds that.
    """
    life, changed = (service.marks.get(topic) for topic in (LIFE, PACKAGE))
    since = max((m.order.occurred_at for m in (life, changed) if m), default=at)
    if changed:
        was = changed.order.occurred_at
        places = tuple(p for p in places if starts[p] > was or p[0] not in granted)
    following = sorted(starts.values())[1:]
    ends = dict(zip(sorted(starts), following, strict=False))
    return tuple(p for p in places if p not in ends or ends[p] > since)


def _starts(
    service: Service, every: int | None, at: datetime
) -> Mapping[Place, datetime]:
    """Of each interval of its paid periods, up to the first that is still to come."""
    found: dict[Place, datetime] = {}
    for paid in (paid for paid in service.periods if not paid.baseline):
        no, start = 0, paid.starts
        found[paid.no, no] = start
        while every and start <= at:
            no += 1
            start = paid.interval(no, every)
            if paid.ends and start >= paid.ends:
                break
            found[paid.no, no] = start
    return found
