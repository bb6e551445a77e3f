"""Credit nobody paid for, as staff ask for it: within what the configuration allows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from provisioning.core.money import amount, text


def asked(
    allowed: Mapping[str, Decimal], to: str, currency: str, sum_: str
) -> dict[str, str]:
    """What the order `money.give` needs of it. LookupError, where it cannot be."""
    most = allowed.get(currency)
    if most is None:
        raise LookupError(
            f"no goodwill in {currency} is allowed; add"
            f' goodwill = ["50.00 {currency}"] to the configuration'
        )
    try:
        given = amount(sum_)
    except ValueError as wrong:
        raise LookupError(str(wrong)) from None
    if given <= 0:
        raise LookupError(
            f"{sum_} is nothing to give; take back with a reversal of what was paid"
        )
    return {"to": to, "sum": f"{text(given)} {currency}", "most": text(most)}
