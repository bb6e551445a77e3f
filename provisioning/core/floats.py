"""A reseller's float: what he deposited with the operator, and a limit of credit.

What an order he confirms himself costs him is drawn from the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from provisioning.core.money import micro

NONE = Decimal(0)


class Kind(StrEnum):
    DEPOSIT = "deposit"
    DRAWN = "drawn"
    """For an order, at base price."""

    GIVEN_BACK = "given_back"
    """That order is not done after all."""

    ADJUSTED = "adjusted"
    LIMIT = "limit"
    """No money: how far he may go below nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """*key* names what brought it about: with it, it happens once."""

    key: str
    kind: Kind
    amount: Decimal
    """Below nought, where it is taken."""

    limit: Decimal | None = None
    """From now on; None: as it was."""


@dataclass(frozen=True, slots=True)
class Float:
    """Of one currency. Nobody who was never given one has anything."""

    currency: str
    balance: Decimal = NONE
    limit: Decimal = NONE

    def __post_init__(self) -> None:
        micro(self.balance)
        micro(self.limit)

    @property
    def left(self) -> Decimal:
        """Below nought, where the limit was lowered meanwhile."""
        return self.balance + self.limit

    def fits(self, sum_: Decimal) -> bool:
        """What costs nothing always does."""
        return sum_ <= max(self.left, NONE)

    def after(self, entry: Entry) -> Float:
        limit = self.limit if entry.limit is None else entry.limit
        return Float(self.currency, self.balance + entry.amount, limit)


def deposited(reference: str, sum_: Decimal) -> Entry:
    """*reference*: of the transfer; the same one counts once."""
    if sum_ <= 0:
        raise ValueError("a deposit is more than nothing; `reseller adjust` takes away")
    return Entry(f"deposit:{reference}", Kind.DEPOSIT, sum_)


def adjusted(reference: str, sum_: Decimal) -> Entry:
    """By somebody's word, up or down."""
    if not sum_:
        raise ValueError("an adjustment by nothing changes nothing")
    return Entry(f"adjusted:{reference}", Kind.ADJUSTED, sum_)


def limited(no: int, limit: Decimal) -> Entry:
    """*no*: which entry it is: a limit may be what it was once before."""
    if limit < 0:
        raise ValueError("a limit is nothing or more")
    return Entry(f"limit:{no}", Kind.LIMIT, NONE, limit)


def drawn(order: str, base: Decimal) -> Entry:
    return Entry(drawn_for(order), Kind.DRAWN, -base)


def given_back(order: str, taken: Entry) -> Entry:
    """As much as was drawn for it."""
    return Entry(f"given_back:{order}", Kind.GIVEN_BACK, -taken.amount)


def drawn_for(order: str) -> str:
    """The key under which that order was drawn for."""
    return f"drawn:{order}"


def is_whole(entries: Iterable[tuple[Entry, Float]]) -> bool:
    """Whether each left what stands beside it: the balance is the sum, to the unit."""
    now: Float | None = None
    for entry, left in entries:
        now = (now or Float(left.currency)).after(entry)
        if now != left:
            return False
    return True
