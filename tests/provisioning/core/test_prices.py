"""What one costs: by cycle, by who buys and by how many."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.choices import Choice
from provisioning.core.money import Money
from tests.provisioning.core.shop import PRICES, offer, package, priced
from tests.provisioning.core.world import often, usd


def test_seven_accounts_at_29_95_are_209_65():
    """P15: the price of one times how many, exactly."""
    [plan] = PRICES.positions(Choice("gold", "monthly", 7))

    assert usd("209.65") == plan.price


UNIT = [
    ("gold", "monthly", "29.95"),
    ("gold", "quarterly", "85.36"),  # 89.85 less 5 %: 85.3575
    ("gold", "annually", "287.52"),
    ("free", "monthly", "0.00"),
    ("payg", "once", "49.00"),
    ("alone", "monthly", "5.00"),
]


@pytest.mark.parametrize(("name", "cycle", "price"), UNIT)
def test_one_costs_its_cycle_less_the_discount(name, cycle, price):
    """P13: the price in the form is that of one account, after the cycle discount."""
    # Guard off (the discount is left out): red.
    assert usd(price) == PRICES.unit_price(Choice(name, cycle))


@pytest.mark.parametrize("many", [1, 3, 7, 1000])
def test_the_price_of_one_is_rounded_before_it_is_multiplied(many):
    """D19: what the form shows of one, times the quantity, is what it shows below."""
    # Guard off (rounded after multiplying): red.
    [plan] = PRICES.positions(Choice("gold", "quarterly", many))

    assert usd("85.36").times(many) == plan.price


def test_a_longer_price_is_divided_for_a_shorter_cycle():
    """P10: a plan priced by the year may be sold by the quarter."""
    yearly = package("gold", "100.01", cycle="annually")
    prices = replace(priced(discounts={"quarterly": Decimal(0)}),
                     packages={"gold": yearly})  # fmt: skip

    assert usd("25.00") == prices.unit_price(Choice("gold", "quarterly"))
    assert ("quarterly", "annually") == prices.cycles("gold")


OFFERS = (
    offer("25.00", group="resellers", tariff="wholesale"),
    offer("28.00", least=5),
    offer("26.00", least=10, tariff="bulk"),
    offer("20.00", group="resellers", least=10),
    offer("1.00", group="staff"),
)
CHOSEN = [
    # group, quantity, price, tariff
    (None, 1, "29.95", "standard"),
    (None, 4, "29.95", "standard"),
    (None, 5, "28.00", "standard"),
    (None, 9, "28.00", "standard"),
    (None, 10, "26.00", "bulk"),
    ("resellers", 1, "25.00", "wholesale"),
    ("resellers", 9, "25.00", "wholesale"),
    ("resellers", 10, "20.00", "standard"),
    ("strangers", 10, "26.00", "bulk"),
]


@pytest.mark.parametrize(("group", "quantity", "price", "tariff"), CHOSEN)
def test_the_most_particular_offer_holds(group, quantity, price, tariff):
    """I3: the own group before everybody's, then the highest step that is reached."""
    # Guard off (steps before groups): red. Guard off (any group's offer): red.
    prices = priced(offers=OFFERS, group=group)
    choice = Choice("gold", "monthly", quantity)

    assert usd(price) == prices.unit_price(choice)
    assert tariff == prices.entitlements(choice)["tariff"]


def test_an_offer_is_discounted_by_cycle_too():
    """P13: whoever buys, a longer cycle costs less."""
    prices = priced(offers=OFFERS, group="resellers")

    assert usd("240.00") == prices.unit_price(Choice("gold", "annually"))


ADDONS = [
    ("monthly", "3.00", True, "7.00"),
    ("annually", "36.00", True, "7.00"),
]


@pytest.mark.parametrize(("cycle", "line", "recurs", "number"), ADDONS)
def test_an_addon_is_sold_for_the_plans_cycle(cycle, line, recurs, number):
    """C2: extra capacity is bought with the plan; what is bought once is paid once."""
    choice = Choice("gold", cycle, 2, (("line", 4), ("number", 1)))
    _, lines, numbers = PRICES.positions(choice)

    assert (usd(line), 4, recurs) == (lines.unit_price, lines.quantity, lines.recurs)
    assert (usd(number), False) == (numbers.unit_price, numbers.recurs)


def test_capacity_is_pooled_over_the_account():
    """C2: had once with the plan, however many accounts, and once with each extra."""
    choice = Choice("gold", "monthly", 2, (("line", 4), ("line", 1)))
    gives = PRICES.entitlements(choice)

    assert (50 + 5 * 5, 2 * 10 + 5) == (gives["storage_gb"], gives["channels"])


GIVEN = [
    ("free", 1, (), None),
    ("free", 2, (), "free"),
    ("gold", 50, (("line", 40),), None),
    ("gold", 2, (("gift", 1),), None),
    ("gold", 2, (("gift", 2),), "gift"),
]


@pytest.mark.parametrize(("name", "many", "extras", "expected"), GIVEN)
def test_what_costs_nothing_is_not_given_by_the_dozen(name, many, extras, expected):
    """I2: a free order is confirmed at once, so its quantity costs nobody anything."""
    gift = package("gift", "0.00", addon=True)
    prices = replace(PRICES, packages={**PRICES.packages, "gift": gift})

    assert expected == prices.given_away(Choice(name, "monthly", many, extras))


def test_a_plan_without_a_ladder_is_sold_as_it_is():
    """I3: for its own cycle, from one on, at its own price."""
    assert (("monthly",), 1) == (PRICES.cycles("alone"), PRICES.minimum("alone"))
    assert (("monthly", "quarterly", "annually"), 3) == (
        PRICES.cycles("platinum"),
        PRICES.minimum("platinum"),
    )


@often
@given(st.integers(1, 10**8), st.integers(0, 100), st.integers(1, 1000))
def test_a_total_is_so_many_times_what_one_costs(cents, off, many):
    """P15: whatever the price, the discount and the quantity."""
    prices = priced(
        discounts={"annually": Decimal(off)},
        offers=(offer(Decimal(cents).scaleb(-2)),),
    )
    [plan] = prices.positions(Choice("gold", "annually", many))
    exact = Decimal(cents) * 12 * (100 - off) / 10_000

    assert plan.price.amount == plan.unit_price.amount * many
    assert abs(plan.unit_price.amount - exact) <= Decimal("0.005")
    assert Money(plan.price.amount, "USD") == plan.price
