"""A sum is rounded once, half up, at its currency's scale; parts add up to it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from provisioning.core.money import Money, amount

PLACES = 2
"""Of every currency ISO 4217 gives two minor digits, and of those it does not know."""

OTHER_PLACES = {
    **dict.fromkeys(
        (
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF",
            "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip
"""The minor units of ISO 4217, list one, where they are not two."""

HALF = Fraction(1, 2)


def places(currency: str) -> int:
    """Digits after the point of what can be paid in it."""
    return OTHER_PLACES.get(currency, PLACES)


def payable(written: str, currency: str) -> Decimal:
    """An amount of which nothing is finer than can be paid. Nor is it written so:
    "290.000" is as likely meant for thousands."""
    sum_, most = amount(written), places(currency)
    digits = len(written.partition(".")[2])
    if digits > max(most, PLACES) or rounded(sum_, currency).amount != sum_:
        raise ValueError(
            f'"{written}" is finer than is paid in {currency}; write at most {most}'
            " digits after the point, and none to part thousands"
        )
    return sum_


def rounded(exact: Fraction | Decimal, currency: str) -> Money:
    """What is paid of an exact sum. A half goes away from nought, owed or due."""
    units = int(abs(Fraction(exact)) * 10 ** places(currency) + HALF)
    return _paid(-units if exact < 0 else units, currency)


def split(whole: Money, weights: Sequence[int]) -> tuple[Money, ...]:
    """A sum in parts that add up to it: who is nearest to one more unit gets it.

    Of two that are equally near the first gets it.
    """
    sign = -1 if whole.amount < 0 else 1
    units, rest = divmod(abs(Fraction(whole.amount)) * 10 ** places(whole.currency), 1)
    total = sum(weights)
    if rest:
        raise ValueError(f"{whole} is finer than can be paid; round it, then split it")
    if total <= 0 or min(weights) < 0:
        raise ValueError(f"{whole} cannot be split by {list(weights)}")
    shares = [divmod(units * weight, total) for weight in weights]
    more = units - sum(share for share, _ in shares)
    nearest = sorted(range(len(shares)), key=lambda no: -shares[no][1])[:more]
    return tuple(
        _paid(sign * (share + (no in nearest)), whole.currency)
        for no, (share, _) in enumerate(shares)
    )


def _paid(units: int, currency: str) -> Money:
    return Money(Decimal(units).scaleb(-places(currency)), currency)
