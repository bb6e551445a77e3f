"""When a payment is due again, what happens around that day, and how it is paid."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from provisioning.core.catalog import Package
from provisioning.core.dues import Due, What, reached
from provisioning.core.period import CYCLES, end_of, months_after
from provisioning.core.terms import Dunning


class Pay(StrEnum):
    CHARGE = "charge"
    """By the provider, unattended."""

    LINK = "pay link"
    """One tap in a reminder."""

    INVOICE = "invoice"
    """The customer comes and pays it."""


RENEWALS = {
    # automatic, can be charged unattended
    (True, True): Pay.CHARGE,
    (True, False): Pay.LINK,
    (False, True): Pay.INVOICE,
    (False, False): Pay.INVOICE,
}


def by(*, automatic: bool, unattended: bool) -> Pay:
    """How a renewal is paid: automatic is only what the provider can do alone (D18)."""
    return RENEWALS[automatic, unattended]


def renews(anchor: datetime, cycle: str, no: int, zone: str = "UTC") -> datetime | None:
    """When its payment no. *no* after the first is due, by the customer's calendar.

    Counted from the anchor, never from the last: 31 Jan, 28 Feb, 31 Mar (D20).
    """
    months = CYCLES[cycle]
    if months is None:
        return None
    due = months_after(anchor.astimezone(ZoneInfo(zone)), no * months)
    return due.astimezone(anchor.tzinfo)


def runs_until(
    anchor: datetime, starts: datetime, cycle: str, zone: str = "UTC"
) -> datetime | None:
    """When a period of that cycle that begins then is over, by the same calendar.

    Counted from the anchor as well, where *starts* is so many months after it (D20).
    """
    there = ZoneInfo(zone)
    ends = end_of(anchor.astimezone(there), starts.astimezone(there), CYCLES[cycle])
    return ends and ends.astimezone(starts.tzinfo)


def ladder(
    ref: str, no: int, package: Package, due: datetime | None, dunning: Dunning | None
) -> tuple[Due, ...]:
    """All that is to happen while period *no*, due then, is not paid.

    Nothing for what is bought once or costs nothing (I8), and nothing where the
    platform duns (D27).
    """
    if dunning is None or due is None or is_never_due(package):
        return ()
    of, due = f"{ref}/period-{no}", max(due, dunning.since or due)
    remind = [Due(of, What.REMIND, due - before) for before in dunning.remind]
    suspend = [dunning.suspend] if dunning.suspend is not None else []
    return (
        *remind,
        Due(of, What.RENEW, due),
        *(Due(of, What.SUSPEND, due + after) for after in suspend),
        Due(of, What.REVOKE, due + dunning.revoke),
    )


def standing(steps: tuple[Due, ...], at: datetime) -> Due | None:
    """The step it has come to: those before it that were missed are not made up."""
    return next(reversed(reached(steps, at)), None)


def is_never_due(package: Package) -> bool:
    """Bought once, or for nothing (I8)."""
    return CYCLES[package.cycle] is None or not package.price.amount
