"""Money that is owed to an account: each sum once, under the key of its effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from provisioning.core.catalog import Package, TopUp
from provisioning.core.events import Event
from provisioning.core.money import Money
from provisioning.core.period import Period


class Kind(StrEnum):
    """What a sum is: bought, or given."""

    TOPUP = "topup"
    BONUS = "bonus"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Books:
    """The accounts of the ledger a sum passes: from outside, waiting, arrived."""

    origin: str
    waiting: str
    arrived: str


BOUGHT = Books("paid", "held", "applied")
GIVEN = Books("due", "owed", "granted")
BOOKS = {Kind.TOPUP: BOUGHT, Kind.BONUS: GIVEN, Kind.FREE: GIVEN}


@dataclass(frozen=True, slots=True)
class Claim:
    """A sum an account has coming. *key* is its identity at the backend as well."""

    key: str
    kind: Kind
    money: Money
    event: str
    """The id of the event that made it due: every unit must be explainable."""


@dataclass(frozen=True, slots=True)
class Bought:
    """Of one account, in its own currency: what has arrived, and what has not."""

    applied: Decimal = Decimal(0)
    held: Decimal = Decimal(0)


Given = Mapping[str, Claim]
"""What an account was given free, by key."""


def bought(event: Event, topup: TopUp) -> tuple[Claim, ...]:
    """What one paid top-up line brings: its credit, and its bonus apart."""
    sums = ((Kind.TOPUP, topup.credit), (Kind.BONUS, topup.bonus))
    return tuple(
        Claim(f"{event.line}/{kind}", kind, money.times(event.quantity), event.id)
        for kind, money in sums
        if money and money.amount
    )


def raised(
    event: Event, service: str, package: Package, period: Period, given: Given
) -> tuple[Claim, ...]:
    """What a better package gives on top in a period that is under way.

    Only what exceeds the most that was granted in it before: up and down and up again
    is granted once (D15).
    """
    key = f"{service}/free/{period.no}/0/"
    before = [claim.money.amount for k, claim in given.items() if k.startswith(key)]
    free = package.free_credit
    if free is None or free.amount <= sum(before):
        return ()
    more = Money(free.amount - sum(before), free.currency)
    return (Claim(f"{key}{max(1, len(before))}", Kind.FREE, more, event.id),)


def granted(
    event: Event, service: str, package: Package, period: Period
) -> tuple[Claim, ...]:
    """The free credit of one paid period: its interval 0, raise 0, the regular one."""
    if not (package.free_credit and package.free_credit.amount):
        return ()
    key = f"{service}/free/{period.no}/0/0"
    return (Claim(key, Kind.FREE, package.free_credit, event.id),)
