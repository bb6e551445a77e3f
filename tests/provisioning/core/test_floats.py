"""What a reseller has left with the operator, and what fits into it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import floats
from provisioning.core.floats import Float

SUMS = st.decimals("-1000", "1000", places=2)
HAS = Float("USD", Decimal("30.00"), Decimal("20.00"))


@pytest.mark.parametrize(
    ("has", "sum_", "fits"),
    [
        (HAS, "50.00", True),
        (HAS, "50.000001", False),
        (Float("USD"), "0", True),
        (Float("USD"), "0.01", False),
        (replace(HAS, balance=Decimal(-20)), "0.01", False),
        (replace(HAS, balance=Decimal(-25)), "0", True),
    ],
)
def test_what_fits_is_what_he_has_and_his_limit_to_the_unit(has, sum_, fits):
    """U11: who has neither has room for what costs nothing, and for nothing else."""
    assert fits is has.fits(Decimal(sum_))


def test_each_entry_moves_it_by_what_it_says():
    """U11: what was drawn comes back as it was drawn, and a limit is no money."""
    taken = floats.drawn("or_1", Decimal("29.95"))
    less = HAS.after(taken)
    more = less.after(floats.limited(3, Decimal("5.00")))

    assert Decimal("20.05") == less.left
    assert HAS == less.after(floats.given_back("or_1", taken))
    assert (Decimal("0.05"), Decimal("5.05")) == (more.balance, more.left)
    assert Decimal("40.00") == HAS.after(floats.deposited("a", Decimal(10))).balance
    assert Decimal("20.00") == HAS.after(floats.adjusted("a", Decimal(-10))).balance


def test_a_key_names_the_effect_and_no_moment():
    """U11: each of one order, of one reference, or of its place among all."""
    taken = floats.drawn("or_1", Decimal(1))
    made = (
        taken,
        floats.given_back("or_1", taken),
        floats.limited(4, Decimal(1)),
        floats.deposited("a", Decimal(1)),
        floats.adjusted("a", Decimal(1)),
    )

    assert ["drawn:or_1", "given_back:or_1", "limit:4", "deposit:a", "adjusted:a"] == [
        each.key for each in made
    ]
    assert floats.drawn_for("or_1") == taken.key


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: floats.deposited("a", Decimal(0)), "more than nothing"),
        (lambda: floats.deposited("a", Decimal(-1)), "more than nothing"),
        (lambda: floats.adjusted("a", Decimal(0)), "changes nothing"),
        (lambda: floats.limited(1, Decimal(-1)), "nothing or more"),
    ],
)
def test_what_is_none_is_refused(made, said):
    """U11: each row of a float says something."""
    with pytest.raises(ValueError, match=said):
        made()


@given(st.lists(SUMS.filter(bool), min_size=2, max_size=20))
def test_the_balance_is_the_sum_of_all_entries(sums):
    """U11: u11: and one that was changed, or is gone, shows."""
    now, kept = Float("USD"), []
    for no, sum_ in enumerate(sums):
        entry = floats.adjusted(str(no), sum_)
        now = now.after(entry)
        kept.append((entry, now))
    (first, left), *rest = kept
    changed = replace(first, amount=first.amount + 1)

    assert sum(sums) == now.balance
    assert floats.is_whole(kept)
    assert not floats.is_whole([(changed, left), *rest])
    assert not floats.is_whole(rest)
    assert floats.is_whole([])
