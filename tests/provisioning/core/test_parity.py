"""Our price of a change beside the one the billing platform reckons."""

from dataclasses import replace

import pytest

from bridge.words import render
from provisioning.core import quote
from provisioning.core.choices import Choice
from provisioning.core.cycles import Days
from provisioning.core.parity import Theirs, parity
from tests.provisioning.core.shop import AT, PRICES, has
from tests.provisioning.core.world import usd

UP = quote.change(PRICES, has("silver"), Choice("gold", "monthly"), AT)
LONGER = quote.change(PRICES, has("silver"), Choice("silver", "annually"), AT)
"""6.67 for 20 of 30 days; 178.22 for a year, the rest of the month given back."""


def theirs(price, left=20, total=30):
    return Theirs(usd(price), Days(left, total))


BESIDE = [
    (UP, theirs("6.67"), None),
    (UP, theirs("6.67", 19), None),
    (UP, theirs("6.68"), "parity_price"),
    (UP, theirs("6.33", 19), "parity_days"),
    (UP, theirs("6.45", 20, 31), "parity_days"),
    (LONGER, theirs("178.22"), None),
    (LONGER, theirs("220.00"), "parity_new_period"),
    (UP, Theirs(replace(usd("6.67"), currency="EUR"), Days(20, 30)), "parity_price"),
]


@pytest.mark.parametrize(("ours", "told", "code"), BESIDE)
def test_another_price_is_said_with_what_explains_it(ours, told, code):
    """D21: both figures and both day counts stand side by side."""
    # Guard off (only prices are compared, days are not told): red.
    beside = parity(ours, told)

    assert code == (beside.differs and beside.differs.code)
    assert (ours.amount_due, ours.days, told) == (
        beside.ours,
        beside.our_days,
        beside.theirs,
    )


def test_both_day_counts_are_read_in_words():
    """D21: one who reads it can look at both sides' dates."""
    words = render(parity(UP, theirs("6.33", 19)).differs)

    assert "costs 6.67 USD by our count of 20/30 days, and 6.33 USD" in words
    assert "19/30" in words
