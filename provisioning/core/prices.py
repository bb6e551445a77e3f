"""What a customer pays for one of it: by cycle, customer group and how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from provisioning.core.catalog import Package
from provisioning.core.choices import Choice
from provisioning.core.cycles import length
from provisioning.core.entitlements import Value, combine
from provisioning.core.money import Money
from provisioning.core.offered import offered
from provisioning.core.period import CYCLES
from provisioning.core.rounding import rounded
from provisioning.core.terms import Offer, Terms


class Kind(StrEnum):
    PLAN = "plan"
    ADDON = "addon"
    FEE = "fee"
    GOOD = "good"
    """What is bought beside any plan: a top-up, or a coupon."""


@dataclass(frozen=True, slots=True)
class Position:
    """So many of one thing, for one cycle of the plan."""

    kind: Kind
    name: str
    quantity: int
    unit_price: Money
    recurs: bool = True
    """Whether a renewal pays it again."""

    @property
    def price(self) -> Money:
        """Exactly so many times the rounded price of one (P15)."""
        return self.unit_price.times(self.quantity)


@dataclass(frozen=True, slots=True)
class PriceList:
    """What is sold, by which terms, to a customer of that group."""

    packages: Mapping[str, Package]
    terms: Terms
    group: str | None = None

    def cycles(self, package: str) -> tuple[str, ...]:
        """For which it is sold, the shortest first."""
        own = self.packages[package].cycle
        return tuple(sorted({own, *self._discounts(package)}, key=length))

    def unit_price(self, choice: Choice) -> Money:
        """Of one for the whole cycle, its discount taken off (P13), rounded."""
        package = self.packages[choice.package]
        price = self._offer(choice).price
        off = self._discounts(choice.package).get(choice.cycle, Decimal(0))
        share = Fraction(100 - off) / 100 * _times(package.cycle, choice.cycle)
        return rounded(Fraction(price.amount) * share, price.currency)

    def positions(self, choice: Choice) -> tuple[Position, ...]:
        """The plan and each add-on bought with it (C2)."""
        once = CYCLES[choice.cycle] is None
        plan = Position(
            Kind.PLAN, choice.package, choice.quantity, self.unit_price(choice),
            recurs=not once,
        )  # fmt: skip
        return plan, *(self._addon(choice, *extra) for extra in choice.extras)

    def entitlements(self, choice: Choice) -> dict[str, Value]:
        """What the choice is good for; the tariff is that of the customer's offer."""
        names = ((choice.package, choice.quantity), *choice.extras)
        return combine(
            offered(self.packages[name], many, self.group, self.terms)
            for name, many in names
        )

    def per_day(self, choice: Choice) -> tuple[Fraction, Fraction]:
        """To compare by; what is bought once costs nothing a day."""
        price = Fraction(self.unit_price(choice).amount)
        months = CYCLES[choice.cycle]
        return (price / months, Fraction(0)) if months else (Fraction(0), price)

    def is_free(self, package: str) -> bool:
        """Whether it is its family's Free, or is sold for nothing."""
        family = self.terms.family_of(package)
        named = family is not None and package == family.free
        return named or not self.packages[package].price.amount

    def minimum(self, package: str) -> int:
        """The fewest of it that are sold (P14)."""
        ladder = self.terms.ladders.get(package)
        return max(1, ladder.minimum if ladder else 1)

    def given_away(self, choice: Choice) -> str | None:
        """What of it costs nothing and is more than the fewest that are sold: who asks
        for a thousand would have all of their limits and of their free credit."""
        return next(
            (
                position.name
                for position in self.positions(choice)
                if not position.unit_price.amount
                and position.quantity > self.minimum(position.name)
            ),
            None,
        )

    def _offer(self, choice: Choice) -> Offer:
        found = self.terms.offer(choice.package, self.group, choice.quantity)
        return found or Offer(self.packages[choice.package].price)

    def _discounts(self, package: str) -> Mapping[str, Decimal]:
        ladder = self.terms.ladders.get(package)
        return ladder.discounts if ladder else {}

    def _addon(self, choice: Choice, name: str, quantity: int) -> Position:
        """For the plan's cycle, at its own price for so long."""
        addon = self.packages[name]
        own = Choice(name, choice.cycle, quantity)
        recurs = None not in {CYCLES[addon.cycle], CYCLES[choice.cycle]}
        return Position(Kind.ADDON, name, quantity, self.unit_price(own), recurs)


def _times(own: str, cycle: str) -> Fraction:
    """How many of its own cycles that one is; what is bought once is bought once."""
    months, asked = CYCLES[own], CYCLES[cycle]
    return Fraction(asked, months) if months and asked else Fraction(1)
