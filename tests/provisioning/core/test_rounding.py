"""Sums as they can be paid: half up, at the currency's own scale, adding up."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.money import Money
from provisioning.core.rounding import payable, places, rounded, split
from tests.provisioning.core.shop import vnd
from tests.provisioning.core.world import often, usd

SCALES = [("VND", 0), ("JPY", 0), ("USD", 2), ("EUR", 2), ("KWD", 3), ("CLF", 4)]


@pytest.mark.parametrize(("currency", "digits"), SCALES)
def test_each_currency_has_its_scale(currency, digits):
    """D19: dong have no minor unit, Kuwaiti dinars three digits."""
    # Guard off (every currency has two places): red.
    assert digits == places(currency)


@pytest.mark.parametrize(
    ("written", "currency", "is_paid"),
    [
        ("290000", "VND", True),
        ("290000.00", "VND", True),
        ("290.000", "VND", False),
        ("0.5", "VND", False),
        ("-1.50", "USD", True),
        ("1.5", "USD", True),
        ("1.500", "USD", False),
        ("1.500", "KWD", True),
        ("0.0005", "KWD", False),
    ],
)
def test_a_point_before_thousands_is_no_sum(written, currency, is_paid):
    """D19: nor is what is finer than anybody can pay; noughts as shown are well."""
    if is_paid:
        assert Decimal(written) == payable(written, currency)
        return
    with pytest.raises(ValueError, match=f"finer than is paid in {currency}"):
        payable(written, currency)


ROUNDED = [
    ("0.005", "USD", "0.01"),
    ("0.0049999", "USD", "0.00"),
    ("-0.005", "USD", "-0.01"),
    ("2.675", "USD", "2.68"),
    ("33.5", "VND", "34"),
    ("34.5", "VND", "35"),
    ("0.0005", "KWD", "0.001"),
    ("0.00005", "CLF", "0.0001"),
    ("17.9699999999999988631316", "USD", "17.97"),
]


@pytest.mark.parametrize(("exact", "currency", "paid"), ROUNDED)
def test_a_half_goes_up(exact, currency, paid):
    """D19: half up at the currency's scale, and what is given back like what is due."""
    # Guard off (half to even): red.
    assert Money(Decimal(paid), currency) == rounded(Decimal(exact), currency)


@often
@given(st.decimals(-(10**9), 10**9, places=9), st.sampled_from(SCALES))
def test_it_rounds_as_decimals_do(exact, scale):
    """D19: another road to the same figure."""
    currency, digits = scale
    plain = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)

    assert plain == rounded(exact, currency).amount


def test_a_third_is_rounded_from_what_it_is():
    """D19: not from a decimal that was cut somewhere."""
    assert usd("33.33") == rounded(Fraction(100, 3), "USD")
    assert vnd(33) == rounded(Fraction(100, 3), "VND")


SPLITS = [
    (usd("100.00"), (1, 1, 1), ("33.34", "33.33", "33.33")),
    (vnd(100), (1, 1, 1), ("34", "33", "33")),
    (usd("0.05"), (1, 1), ("0.03", "0.02")),
    (usd("0.01"), (1, 3), ("0.00", "0.01")),
    (usd("-10.00"), (2, 1), ("-6.67", "-3.33")),
    (usd("10.00"), (0, 1), ("0.00", "10.00")),
    (usd("10.00"), (7,), ("10.00",)),
]


@pytest.mark.parametrize(("whole", "weights", "parts"), SPLITS)
def test_who_is_nearest_gets_the_unit_that_is_left(whole, weights, parts):
    """D19: the largest remainder, and of two that are equal the first."""
    # Guard off (each part rounded by itself): red.
    assert tuple(map(Decimal, parts)) == tuple(p.amount for p in split(whole, weights))


@often
@given(
    st.integers(-(10**11), 10**11),
    st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(sum),
    st.sampled_from(SCALES),
)
def test_parts_add_up_to_the_whole(units, weights, scale):
    """D19: to the last unit, and no part is a whole unit off its share."""
    currency, digits = scale
    whole = Money(Decimal(units).scaleb(-digits), currency)
    parts = split(whole, weights)
    off = [
        abs(Fraction(part.amount) - Fraction(whole.amount) * weight / sum(weights))
        for part, weight in zip(parts, weights, strict=True)
    ]

    assert whole.amount == sum(part.amount for part in parts)
    assert max(off) < Fraction(1, 10**digits)


IMPOSSIBLE = [
    (usd("0.005"), (1, 1), "finer than can be paid"),
    (usd("1.00"), (0, 0), "cannot be split"),
    (usd("1.00"), (), "cannot be split"),
    (usd("1.00"), (2, -1), "cannot be split"),
]


@pytest.mark.parametrize(("whole", "weights", "why"), IMPOSSIBLE)
def test_what_cannot_add_up_is_refused(whole, weights, why):
    """D19: rather than a part that nobody can pay."""
    with pytest.raises(ValueError, match=why):
        split(whole, weights)
