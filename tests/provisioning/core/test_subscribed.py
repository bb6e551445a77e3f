"""A service's paid periods, read as what a change of it goes by."""

import pytest

from provisioning.core.account import Service
from provisioning.core.choices import Choice, Subscription
from provisioning.core.period import Period
from provisioning.core.subscribed import subscribed
from tests.provisioning.core.world import on

JAN = Period(1, on(1, 31), on(2, 28))
FEB = Period(2, on(2, 28), on(3, 31))
MAR = Period(3, on(3, 31), on(4, 30))
YEAR = Period(1, on(1, 31), on(1, 31).replace(year=2027))
ODD = Period(1, on(1, 31), on(2, 20))
ONCE = Period(1, on(1, 31), None)


def read(*periods, at, cycle="monthly"):
    return subscribed(Service("shop:7", "gold", periods=periods), cycle, at)


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
    sold = Service("shop:7", "gold", quantity=3, extras=(("line", 2),), periods=(JAN,))
    choice = Choice("gold", "monthly", 3, (("line", 2),))

    assert Subscription("shop:7", choice, JAN.starts, JAN.ends) == subscribed(
        sold, "monthly", on(2, 1)
    )
