"""What an order costs the reseller at whose shop it was placed: the same at base price.

What he sells it for less this is his margin, whichever of the two is more.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from provisioning.core.choices import Choice
from provisioning.core.money import Money
from provisioning.core.prices import Kind, Position, PriceList
from provisioning.core.quote import Line, Quote
from provisioning.core.rounding import rounded


def at_base(quote: Quote, base: PriceList) -> Money:
    """To be paid for the same lines by the list *base*; never below nought."""
    amounts = [_amount(line, quote.choice.cycle, base) for line in quote.lines]
    due = max(sum(amounts, Decimal(0)), Decimal(0))
    return replace(quote.unit_price, amount=due)


def _amount(line: Line, cycle: str, base: PriceList) -> Decimal:
    """For the same days, rounded as it was. What is on no list costs him its price."""
    position = line.position
    if position.kind is Kind.FEE or position.name not in base.packages:
        return line.amount.amount
    price = _one(position, cycle, base).times(position.quantity)
    share = line.days.share if line.days else Fraction(1)
    sign = -1 if line.amount.amount < 0 else 1
    return rounded(sign * Fraction(price.amount) * share, price.currency).amount


def _one(position: Position, cycle: str, base: PriceList) -> Money:
    return base.unit_price(Choice(position.name, cycle, position.quantity))
