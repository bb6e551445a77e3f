"""What a platform should show of a service: when it is due, how long it is spared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from provisioning.core.account import Account, Service
from provisioning.core.acting import along, banked
from provisioning.core.catalog import Catalog
from provisioning.core.shown import Push
from provisioning.core.timebank import DAY

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Move:
    """*was*: what it shows, unless somebody else moved it."""

    was: date
    to: date
    push: Push


def move(account: Account, service: Service, catalog: Catalog) -> Move | None:
    """How its due date there falls short of ours by whole days (D1)."""
    bank = banked(account, service, catalog)
    if bank.due is None or not bank.push or not service.alive:
        return None
    paid = (s.base.no for s in along(account, service, catalog).film)
    *_, last = (no for no in paid if no is not None)
    return Move(bank.due, bank.due + bank.push * DAY, Push(last, bank.push))


def spared(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> date | None:
    """The last day on which it is not to suspend it: while a payment is promised (S6),
    or for what its date falls short of (D1). None: it goes by its own rules."""
    ends = [p.until for p in account.promises
            if p.service == service.ref and p.holds(at)]  # fmt: skip
    until = along(account, service, catalog).paid_until
    if until and at < until and banked(account, service, catalog).left:
        ends.append(until)
    zone = ZoneInfo(catalog.terms.zone)
    return max((_last_day(end, zone) for end in ends), default=None)


def _last_day(end: datetime, zone: ZoneInfo) -> date:
    return (end - INSTANT).astimezone(zone).date()
