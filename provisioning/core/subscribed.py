"""An account's service as the rules of change see it: a choice, a running period."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core.account import Service
from provisioning.core.choices import Choice, Subscription
from provisioning.core.period import CYCLES, Period, end_of


def subscribed(service: Service, cycle: str, at: datetime) -> Subscription:
    """As it is at that moment, as far as its paid periods tell.

    *cycle*: its package's own, where no period's dates say it was sold for another.
    Who uses it, its trial and what is scheduled the service does not know: add them.
    """
    periods = tuple(sorted(service.periods, key=lambda p: p.no))
    sold = Choice(service.package, cycle, service.quantity, service.extras)
    if not periods:
        return Subscription(service.ref, sold, at, None)
    begun = tuple(p for p in periods if p.starts <= at)
    running = begun[-1] if begun else periods[0]
    ahead = tuple(p for p in periods if p.no > running.no)
    return Subscription(
        service.ref,
        replace(sold, cycle=_cycle(running, periods[0].starts) or cycle),
        running.starts,
        running.ends,
        ahead=len(ahead),
        ahead_until=ahead[-1].ends if ahead else None,
    )


def _cycle(period: Period, anchor: datetime) -> str | None:
    """The one that is as long as the period is."""
    ends = {
        end_of(anchor, period.starts, months): cycle
        for cycle, months in CYCLES.items()
        if months
    }
    return ends.get(period.ends)
