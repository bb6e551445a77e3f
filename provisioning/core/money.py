"""Money: exact, in one currency, never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

MICRO = 1_000_000
"""Stored amounts count millionths: the finest a known backend keeps (16,6)."""

LARGEST = Decimal(10) ** 12
PATTERN = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        micro(self.amount)

    def times(self, quantity: int) -> Money:
        return Money(self.amount * quantity, self.currency)

    def __str__(self) -> str:
        return f"{text(self.amount)} {self.currency}"


def amount(written: str) -> Decimal:
    """The amount in plain digits: "29.95". ValueError says what is wrong."""
    if not PATTERN.fullmatch(written):
        raise ValueError(
            f'"{written}" is not an amount; write plain digits, at most six after the'
            ' point, as "29.95"'
        )
    return Decimal(written)


def micro(amount: Decimal) -> int:
    """Whole millionths. ValueError where the amount has finer parts or is no number."""
    if not amount.is_finite() or abs(amount) >= LARGEST:
        raise ValueError(f"{amount} is not an amount of money")
    whole, rest = divmod(Fraction(amount) * MICRO, 1)
    if rest:
        raise ValueError(f"{amount} has more than six digits after the point")
    return whole


def from_micro(millionths: int) -> Decimal:
    return Decimal(millionths) / MICRO


def text(amount: Decimal) -> str:
    """As people write it: at least two digits after the point, no trailing rest."""
    whole, _, rest = f"{amount:.6f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"
