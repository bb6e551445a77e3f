"""What a customer is shown of a plan: the fields of its panel, and nothing guessed."""

from dataclasses import replace

import pytest

from provisioning.core.account import ENDING, LIFE, Mark, Next, Service
from provisioning.core.choices import Choice
from provisioning.core.events import Order
from provisioning.core.panel import Action, panel
from provisioning.core.period import Period
from provisioning.core.status import Reason, Status
from provisioning.core.subscribed import subscribed
from provisioning.core.trial import Trial
from tests.provisioning.core.shop import PRICES
from tests.provisioning.core.world import on, usd

ORDERED, PAID = on(1, 30), on(1, 31)
JAN = Period(1, PAID, on(2, 28), paid_at=PAID)
FEB = Period(2, on(2, 28), on(3, 31), paid_at=on(2, 20))
ALIVE = {LIFE: Mark(yes=True, order=Order(ORDERED, 0, 0))}
GONE = {LIFE: Mark(yes=False, order=Order(on(2, 5), 0, 0))}
LEAVES = ALIVE | {ENDING: Mark(yes=True, order=Order(on(2, 5), 0, 0))}
TRIED = Trial("calls", on(1, 31), on(3, 2))
ACTIVE = (Status.ACTIVE, None)
SEEN = on(2, 10)


def shown(
    *periods, marks=ALIVE, package="gold", status=ACTIVE, until=None, tried=None, **more
):
    service = Service("shop:7", package, marks, periods, **more)
    has = subscribed(service, PRICES, SEEN, tried)
    return panel(service, has, PRICES, status, until)


def test_it_is_of_the_plan_in_use():
    """P2, P9: plan, how many and with what; the next renewal package beside it."""
    coming = Next("silver", 3, None, Order(on(2, 1), 0, 0), "said")
    its = shown(JAN, quantity=7, extras=(("line", 2),), next=coming)

    assert Choice("gold", "monthly", 7, (("line", 2),)) == its.choice
    assert ("silver", on(2, 28)) == (its.coming.choice.package, its.coming.at)
    assert ACTIVE == (its.status, its.reason)


def test_its_price_is_all_that_is_payable():
    """P3, P13: 7 × 29.95 and two lines at 3.00, where one account is 29.95."""
    # Guard off (the price of one): red. Guard off (add-ons left out): red.
    its = shown(JAN, quantity=7, extras=(("line", 2),))

    assert usd("215.65") == its.price
    assert usd("29.95") == PRICES.unit_price(its.choice)


def test_its_cycle_is_how_long_it_may_be_used():
    """P4: the running one, from its first moment to its last."""
    its, tries = shown(JAN, FEB), shown(tried=TRIED)

    assert ("monthly", JAN.starts, JAN.ends) == (its.choice.cycle, its.starts, its.ends)
    assert (TRIED.starts, TRIED.ends) == (tries.starts, tries.ends)


DUE = [
    (shown(JAN), JAN.ends),
    (shown(JAN, FEB), FEB.ends),
    (shown(JAN, until=on(3, 3)), on(3, 3)),
    (shown(JAN, marks=LEAVES), None),
    (shown(JAN, marks=GONE), None),
    (shown(JAN, package="free"), None),
    (shown(JAN, next=Next("free", None, None, Order(on(2, 1), 0, 0), "said")), None),
    (shown(replace(JAN, ends=None), package="payg"), None),
    (shown(tried=TRIED), TRIED.ends),
]


@pytest.mark.parametrize(("its", "due"), DUE)
def test_it_says_until_when_must_be_paid(its, due):
    """P6, I8: after all that is paid for, where it is paid again at all."""
    # Guards off, each red: what ends by itself, what is free, what is bought once,
    # what is free from then on.
    assert due == its.next_payment


def test_it_is_registered_from_the_payment_on():
    """P7: ordered on the 30th and paid on the 31st, it is registered from the 31st."""
    # Guard off (the order's own moment): red.
    assert PAID == shown(FEB, JAN).registered
    assert shown(replace(JAN, paid_at=None)).registered is None


def test_what_was_never_paid_has_no_time_yet():
    """P4, P7: nothing is guessed."""
    its = shown(status=(Status.INACTIVE, Reason.NOT_ORDERED))

    assert (None, None, None) == (its.starts, its.ends, its.registered)
    assert (Status.INACTIVE, Reason.NOT_ORDERED) == (its.status, its.reason)


@pytest.mark.parametrize(
    ("marks", "offered"),
    [
        (ALIVE, {Action.DETAILS, Action.UPGRADE, Action.UNSUBSCRIBE}),
        (LEAVES, {Action.DETAILS, Action.UPGRADE}),
        (GONE, {Action.DETAILS}),
    ],
)
def test_it_offers_what_can_be_done(marks, offered):
    """P8: nobody unsubscribes twice, and what has ended is only looked at."""
    assert offered == set(shown(JAN, marks=marks).actions)
