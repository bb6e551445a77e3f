"""What an order costs the reseller at whose shop it was placed: the same at base price.

What he sells it for less this is his margin, whichever of the two is more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from provisioning.core.choices import Choice
from provisioning.core.money import Money
from provisioning.core.prices import Kind, Position, PriceList
from provisioning.core.quote import Line, Quote
from provisioning.core.rounding import rounded

NONE: Mapping[str, Money] = MappingProxyType({})


def at_base(
    quote: Quote, base: PriceList, goods: Mapping[str, Money] = NONE
) -> Money:  # fmt: skip
    """To be paid for the same lines by the list *base*; never below nought. *goods*:
    what is sold beside it, by name, with the price of one."""
    amounts = [_amount(line, quote.choice.cycle, base, goods) for line in quote.lines]
    due = max(sum(amounts, Decimal(0)), Decimal(0))
    return replace(quote.unit_price, amount=due)


def _amount(
    line: Line, cycle: str, base: PriceList, goods: Mapping[str, Money]
) -> Decimal:  # fmt: skip
    """For the same days, rounded as it was. What is on no list costs him its price."""
    position = line.position
    if position.kind is Kind.GOOD:
        one = goods.get(position.name, position.unit_price)
        return one.times(position.quantity).amount
    if position.kind is Kind.FEE or position.name not in base.packages:
        return line.amount.amount
    price = _one(position, cycle, base).times(position.quantity)
    share = line.days.share if line.days else Fraction(1)
    sign = -1 if line.amount.amount < 0 else 1
    return rounded(sign * Fraction(price.amount) * share, price.currency).amount


def _one(position: Position, cycle: str, base: PriceList) -> Money:
    return base.unit_price(Choice(position.name, cycle, position.quantity))
