"""What of an account's balance is free credit that ends, as it was last reckoned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Pot:
    """One service's."""

    left: Decimal
    quota: Decimal
    """The most that was granted in this interval (D15)."""

    no: int
    """Of the paid period it was last filled for."""

    interval: int


@dataclass(frozen=True, slots=True)
class Purse:
    balance: Decimal
    """What the backend showed then."""

    arrived: Decimal
    """All that had arrived there by then, less what was taken back."""

    pots: Mapping[str, Pot]
    """By service."""

    def with_pot(self, service: str, pot: Pot) -> Purse:
        return replace(self, pots={**self.pots, service: pot})
