"""Sums an account has coming: three amounts never mixed, keys that name the effect."""

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.catalog import TopUp
from provisioning.core.credit import (
    BOOKS,
    BOUGHT,
    GIVEN,
    LENT,
    RECALLED,
    REVERSED,
    Bought,
    Claim,
    Kind,
    bought,
    granted,
    raised,
)
from provisioning.core.period import Period
from provisioning.core.pots import Pot
from tests.provisioning.core.world import (
    CATALOG,
    activate,
    often,
    on,
    renewed,
    topup,
    usd,
)

TEN, TWENTY = CATALOG.topups["ten"], CATALOG.topups["twenty"]
BASIC, PLAIN = CATALOG.packages["basic"], CATALOG.packages["plain"]
FIRST = Period(1, on(1, 1), on(2, 1), "shop:line-1")

sums = st.integers(1, 10**9).map(lambda cents: usd(Decimal(cents) / 100))
deliveries = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str),
        "occurred_at": st.datetimes(timezones=st.just(UTC)),
        "sequence": st.integers(0, 99),
        "arrival": st.integers(0, 99),
        "starts": st.just(on(1, 1)) | st.none(),
    }
)


def test_a_top_up_brings_its_credit_and_its_bonus_apart():
    """I10: 10.00 were paid, 8.50 are credited, 1.25 are given."""
    brought = {(c.kind, str(c.money)) for c in bought(topup(), TEN)}

    assert {(Kind.TOPUP, "8.50 USD"), (Kind.BONUS, "1.25 USD")} == brought


@often
@given(sums, sums, sums, st.integers(1, 1000))
def test_price_credit_and_bonus_are_never_taken_for_one_another(
    price, credit, bonus, quantity
):
    """I10: what is credited never depends on what was charged."""
    one = TopUp("x", price=price, credit=credit, bonus=bonus)
    brought = {c.kind: c.money for c in bought(topup(quantity=quantity), one)}
    sold = {Kind.TOPUP: credit.times(quantity), Kind.BONUS: bonus.times(quantity)}

    assert sold == brought


def test_a_bonus_is_booked_as_given_and_credit_as_bought():
    """I10: the customer's money and ours have their own books."""
    given = {Kind.BONUS: GIVEN, Kind.FREE: GIVEN, Kind.GOODWILL: GIVEN}

    assert {Kind.TOPUP: BOUGHT} | given == {k: BOOKS[k] for k in (Kind.TOPUP, *given)}
    assert BOUGHT.arrived != GIVEN.arrived


@pytest.mark.parametrize("bonus", [None, usd("0.00")])
def test_no_bonus_is_no_sum(bonus):
    """V3: a sum of nothing cannot be proven by any balance, so it is not owed."""
    claims = bought(topup(), replace(TWENTY, bonus=bonus))

    assert [Kind.TOPUP] == [c.kind for c in claims]


def test_three_of_a_top_up_are_three_times_its_credit():
    """U9: one line may sell several."""
    assert [usd("25.50"), usd("3.75")] == [
        c.money for c in bought(topup(quantity=3), TEN)
    ]


def test_the_keys_of_a_top_up_are_its_line_and_what_the_sum_is():
    """V2: `source:line/topup` and `/bonus`, the identity of the money."""
    keys = [c.key for c in bought(topup(line="shop:4711"), TEN)]

    assert ["shop:4711/topup", "shop:4711/bonus"] == keys


def test_the_key_of_free_credit_is_service_period_interval_and_raise():
    """D24: `service/free/no/0/0`; ordinals only."""
    second = replace(FIRST, no=2)

    assert "shop:7/free/2/0/0" == granted(renewed(), "shop:7", BASIC, second)[0].key


@often
@given(deliveries)
def test_a_key_names_the_effect_and_not_the_delivery(how):
    """D24: another delivery, moment or count of the same payment is the same sum."""
    again = [
        *bought(replace(topup(), **how), TEN),
        *granted(replace(activate(), **how), "shop:7", BASIC, FIRST),
    ]
    keys = ["shop:line-9/topup", "shop:line-9/bonus", "shop:7/free/1/0/0"]

    assert keys == [c.key for c in again]


@often
@given(st.timedeltas(timedelta(0), timedelta(days=300)))
def test_a_key_does_not_move_with_its_period(by):
    """D24: a splice shifts when a period ends; it never makes a grant."""
    shifted = replace(FIRST, starts=FIRST.starts + by, ends=FIRST.ends + by, line=None)

    assert granted(activate(), "shop:7", BASIC, FIRST) == granted(
        activate(), "shop:7", BASIC, shifted
    )


def test_every_unit_knows_the_event_that_made_it_due():
    """V2: each effect has a cause."""
    paid, order = topup(), activate()

    assert {paid.id} == {c.event for c in bought(paid, TEN)}
    assert {order.id} == {c.event for c in granted(order, "shop:7", BASIC, FIRST)}


def test_free_credit_is_the_packages_own_and_in_its_currency():
    """U8: however many of the package were ordered."""
    (claim,) = granted(activate(quantity=3), "shop:7", BASIC, FIRST)

    assert (Kind.FREE, usd("5.00")) == (claim.kind, claim.money)


def test_a_package_without_free_credit_grants_none():
    """Free credit is on selected packages only."""
    assert () == granted(activate(), "shop:7", PLAIN, FIRST)


def test_free_credit_of_nothing_is_no_sum():
    """V3: `free_credit = "0.00 USD"` must not become a sum the books refuse."""
    nothing = replace(BASIC, free_credit=usd("0.00"))

    assert () == granted(activate(), "shop:7", nothing, FIRST)


@pytest.mark.parametrize(
    ("kind", "books"),
    [
        (Kind.TOPUP, BOUGHT),
        (Kind.BONUS, GIVEN),
        (Kind.FREE, GIVEN),
        (Kind.GOODWILL, GIVEN),
        (Kind.REVERSAL, REVERSED),
        (Kind.RECALL, RECALLED),
        (Kind.DEBT, LENT),
    ],
)
def test_every_kind_of_sum_has_its_books(kind, books):
    """V3: from outside, waiting, arrived; what was lent is kept apart from both."""
    assert books is BOOKS[kind]


def test_where_nothing_is_known_nothing_was_bought():
    """D26: an account is not kept for money nobody paid."""
    assert Bought(Decimal(0), Decimal(0), Decimal(0)) == Bought()


GOLD = CATALOG.packages["gold"]
KEY = "shop:7/free/1"


def more(given=(), pot=None, package=GOLD):
    """What a change to 15.00 brings, as key and amount."""
    booked = {
        f"{KEY}/{key}": Claim(f"{KEY}/{key}", Kind.FREE, usd(sum_), "an event")
        for key, sum_ in given
    }
    claims = raised(renewed(), "shop:7", package, FIRST, booked, pot)
    assert type(claims) is tuple
    return [(c.key.removeprefix(f"{KEY}/"), str(c.money.amount)) for c in claims]


@pytest.mark.parametrize(
    ("given", "brings"),
    [
        ([("0/0", 5)], [("0/1", "10.00")]),
        ([("0/0", 5), ("0/1", 2)], [("0/2", "8.00")]),
        ([("0/0", 5), ("0/1", 2), ("0/2", 3)], [("0/3", "5.00")]),
        ([], [("0/1", "15.00")]),
        ([("0/0", "14.99")], [("0/1", "0.01")]),
        ([("0/0", 15)], []),
        ([("0/0", 20)], []),
    ],
)
def test_a_raise_is_what_exceeds_the_most_and_the_next_of_its_interval(given, brings):
    """D15: never a sum of nothing, never the key of another."""
    # Guard off (`<` for `<=`, the first for the last raise): red.
    assert [(key, str(Decimal(sum_))) for key, sum_ in brings] == [
        (key, str(Decimal(sum_))) for key, sum_ in more(given)
    ]


@pytest.mark.parametrize(
    ("pot", "brings"),
    [
        (Pot(Decimal(1), Decimal(5), 1, 3), [("3/1", "10.00")]),
        (Pot(Decimal(1), Decimal(15), 1, 3), []),
        (Pot(Decimal(1), Decimal(15), 2, 0), []),
        (Pot(Decimal(1), Decimal(5), 0, 7), [("0/1", "15.00")]),
    ],
)
def test_a_raise_is_of_the_interval_the_pot_is_in(pot, brings):
    """D15: by the quota of this interval; what was filled later knows no more of it."""
    assert [(key, Decimal(sum_)) for key, sum_ in brings] == [
        (key, Decimal(sum_)) for key, sum_ in more(pot=pot)
    ]


def test_a_package_without_free_credit_raises_nothing():
    """D15: nothing is nothing, whatever was given before."""
    assert [] == more([("0/0", 5)], package=PLAIN)
