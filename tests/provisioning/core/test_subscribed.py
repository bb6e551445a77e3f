"""A service's paid periods, read as what a change of it goes by."""

from datetime import timedelta

import pytest

from provisioning.core.account import LIFE, Mark, Next, Service
from provisioning.core.catalog import Catalog
from provisioning.core.choices import Choice, Scheduled, Subscription
from provisioning.core.events import Order
from provisioning.core.period import Period
from provisioning.core.subscribed import lists, subscribed
from tests.provisioning.core.shop import PACKAGES, PRICES, TERMS, offer, package, priced
from tests.provisioning.core.world import on, usd

JAN = Period(1, on(1, 31), on(2, 28))
FEB = Period(2, on(2, 28), on(3, 31))
MAR = Period(3, on(3, 31), on(4, 30))
YEAR = Period(1, on(1, 31), on(1, 31).replace(year=2027))
ODD = Period(1, on(1, 31), on(2, 20))
ONCE = Period(1, on(1, 31), None)


ALIVE = {LIFE: Mark(yes=True, order=Order(on(1, 31), 0, 0))}


def service(*periods, package="gold", **more):
    return Service("shop:7", package, ALIVE, periods, **more)


def read(*periods, at, **more):
    return subscribed(service(*periods, **more), PRICES, at)


READ = [
    # periods, at, cycle, starts, ends, ahead, paid until
    ((JAN,), on(2, 10), "monthly", JAN.starts, JAN.ends, 0, JAN.ends),
    ((FEB, JAN), on(2, 10), "monthly", JAN.starts, JAN.ends, 1, FEB.ends),
    ((JAN, FEB, MAR), on(2, 10), "monthly", JAN.starts, JAN.ends, 2, MAR.ends),
    ((JAN, FEB), on(2, 28), "monthly", FEB.starts, FEB.ends, 0, FEB.ends),
    ((FEB, JAN), on(9, 1), "monthly", FEB.starts, FEB.ends, 0, FEB.ends),
    ((JAN,), on(1, 1), "monthly", JAN.starts, JAN.ends, 0, JAN.ends),
    ((YEAR,), on(2, 10), "annually", YEAR.starts, YEAR.ends, 0, YEAR.ends),
    ((ODD,), on(2, 10), "monthly", ODD.starts, ODD.ends, 0, ODD.ends),
    ((ONCE,), on(2, 10), "monthly", ONCE.starts, None, 0, None),
    ((), on(2, 10), "monthly", on(2, 10), None, 0, None),
]


@pytest.mark.parametrize(
    ("periods", "at", "cycle", "starts", "ends", "ahead", "until"), READ
)
def test_the_running_period_and_those_ahead_are_told_apart(
    periods, at, cycle, starts, ends, ahead, until
):
    """D21: what is left of one is counted by its days; what is paid ahead is whole."""
    # Guard off (the last period is the running one): red. Guard off (always the
    # package's own cycle): red.
    has = read(*periods, at=at)

    assert (cycle, starts, ends) == (has.choice.cycle, has.starts, has.ends)
    assert (ahead, until) == (has.ahead, has.paid_until)


def test_it_is_what_the_service_was_sold_as():
    """C16: the plan, how many, and what comes with it."""
    sold = read(JAN, at=on(2, 1), quantity=3, extras=(("line", 2),))
    choice = Choice("gold", "monthly", 3, (("line", 2),))

    assert Subscription("shop:7", choice, JAN.starts, JAN.ends) == sold


def test_what_is_not_active_is_told_apart():
    """C16: the list holds cancelled plans as well."""
    # Guard off (all is as if it lived): red.
    ended = [
        subscribed(Service("shop:7", "gold", marks, periods), PRICES, on(2, 1)).ended
        for marks in (ALIVE, {})
        for periods in ((JAN,), ())
    ]

    assert [False, False, True, True] == ended


def test_a_cycle_is_known_where_clocks_were_changed_in_it():
    """P3, P4: a quarter over the end of winter is a quarter, and priced as one."""
    # Guard off (the ends compared exactly): red, it is its package's month.
    hour = timedelta(hours=1)
    quarter = Period(1, on(1, 31, 12), on(4, 30, 12) - hour)

    assert "quarterly" == read(quarter, at=on(2, 10)).choice.cycle


def test_a_plan_that_is_not_listed_has_the_cycle_of_its_periods():
    """D21: its dates are known, whatever became of its price."""
    cycles = [read(p, at=on(2, 1), package="gone").choice.cycle for p in (JAN, ODD)]

    assert ["monthly", "once"] == cycles


def coming(package, *, quantity=None, extras=None, turned=None):
    order = Order(on(2, 5), 0, 0)
    return Next(package, quantity, extras, order, "event-1", turned)


COMING = [
    # periods, what its platform said, the next renewal package
    ((JAN,), coming("silver"), Choice("silver", "monthly", 3, (("line", 2),))),
    ((JAN,), coming("silver", quantity=1, extras=()), Choice("silver", "monthly")),
    ((YEAR,), coming("silver"), Choice("silver", "annually", 3, (("line", 2),))),
    ((YEAR,), coming("free", extras=()), Choice("free", "monthly", 3)),
    ((JAN,), coming("gone", extras=()), Choice("gone", "once", 3)),
    ((JAN,), coming("silver", turned=on(2, 28)), None),
    ((JAN,), None, None),
]


@pytest.mark.parametrize(("periods", "said", "then"), COMING)
def test_what_its_platform_scheduled_is_the_next_renewal_package(periods, said, then):
    """C11: in the cycle it has, where that is sold for it."""
    # Guard off (what is scheduled is not read): red.
    has = read(*periods, at=on(2, 10), quantity=3, extras=(("line", 2),), next=said)

    assert (then and Scheduled(then, periods[0].ends)) == has.next


def test_the_same_plan_goes_on_by_its_terms_and_another_is_sold_by_todays():
    """P13: whoever has gold keeps its price; silver is what it costs by now."""
    # Guard off (today's for both): red.
    was = Catalog(PRICES.packages, {}, {}, terms=TERMS)
    dearer = [package("silver", "29.00"), *(p for p in PACKAGES if p.name != "silver")]
    now = Catalog(
        {p.name: p for p in dearer if p.name != "line"}, {}, {},
        terms=priced(offers=(offer("39.00", group="shops"),)).terms,
        older={was.version: was.edition},
    )  # fmt: skip
    has = service(extras=(("line", 2), ("gone", 1)), version=was.version)
    stays, sold = lists(has, "gold", now, "shops")
    other, _ = lists(has, "silver", now, "shops")

    assert stays == sold
    assert usd("29.95") == sold.unit_price(Choice("gold", "monthly"))
    assert usd("39.00") == other.unit_price(Choice("gold", "monthly"))
    assert usd("29.00") == other.unit_price(Choice("silver", "monthly"))
    assert {"line"} == (other.packages.keys() & {"line", "gone"})
