"""What is sold: packages and top-ups, as the operator wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioning.core.entitlements import Entitlements
from provisioning.core.money import Money


@dataclass(frozen=True, slots=True)
class FreeRule:
    """What becomes of free credit when it is granted anew."""

    reset: bool = False
    """What is left gives way to the new quota; else it is kept beside it."""

    cap: Money | None = None
    """Of what is kept, never more than this with the new quota."""

    every: int | None = None
    """Months between two grants of one paid period; else once per paid period (D23)."""

    @property
    def reckons(self) -> bool:
        """Whether it must be known how much of a balance is free credit."""
        return bool(self.reset or self.cap or self.every)


PERSISTS = FreeRule()


@dataclass(frozen=True, slots=True)
class Package:
    """A plan with an account behind it. *price* is a memo: no rule credits by it."""

    name: str
    backend: str
    price: Money
    cycle: str
    entitlements: Entitlements
    free_credit: Money | None = None
    """Granted once per paid period, or per interval of it."""

    free: FreeRule = field(default=PERSISTS)
    setup_fee: Money | None = None
    """Due once, with a new sign-up: a memo, as the price is."""

    @property
    def reckons(self) -> bool:
        return bool(self.free_credit) and self.free.reckons


@dataclass(frozen=True, slots=True)
class TopUp:
    """Credit sold apart. Three amounts that are never taken for one another."""

    name: str
    price: Money
    credit: Money
    """What the customer bought, in the backend's currency."""

    bonus: Money | None = None
    """What comes on top for free, in the same."""


@dataclass(frozen=True, slots=True)
class Catalog:
    packages: Mapping[str, Package]
    topups: Mapping[str, TopUp]
    currencies: Mapping[str, str]
    """Which currency each backend keeps its balances in."""
