"""Amounts are exact, six places, ten digits before the point."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.simulator.money import money
from provisioning.simulator.refusal import Refusal


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_six_places_survive_exactly(amount):
    """What a d(16,6) column can hold comes back as it went in."""

    assert amount == money(str(amount))


@pytest.mark.parametrize(
    ("told", "held"),
    [
        ("0.0000005", "0.000001"),
        ("-0.0000005", "-0.000001"),
        ("0.00000049", "0.000000"),
        (Decimal("1E+2"), "100.000000"),
        (7, "7.000000"),
    ],
)
def test_the_seventh_place_is_rounded_half_up(told, held):
    """As the vendor's database does it."""

    assert held == str(money(told))


@pytest.mark.parametrize(
    "told", [None, "", "abc", "1e3", "1_000", "NaN", "Infinity", True, "10000000000"]
)
def test_what_is_no_amount_is_refused(told):
    """Nothing is guessed about money."""

    with pytest.raises(Refusal, match="Invalid amount"):
        money(told)
