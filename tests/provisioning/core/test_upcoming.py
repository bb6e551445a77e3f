"""The next period of a service, as it is renewed by hand and by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from provisioning.core.account import ENDING, LIFE, REVOKED, Account, Mark, Next
from provisioning.core.account import Service as Sold
from provisioning.core.catalog import Catalog
from provisioning.core.events import Hold, Order
from provisioning.core.period import Period
from provisioning.core.splice import Activation
from provisioning.core.terms import Mode, Offer
from provisioning.core.trial import Trial
from provisioning.core.upcoming import following, upcoming
from tests.provisioning.core.shop import PRICES, TERMS, step
from tests.provisioning.core.world import on, usd

OFFERS = (Offer(usd("20.00"), group="friends"),)
CHEAPER = {**TERMS.ladders, "gold": step("calls", 30, offers=OFFERS)}
CATALOG = Catalog(
    packages=PRICES.packages,
    topups={},
    currencies={"main": "USD"},
    terms=replace(TERMS, ladders=CHEAPER),
)
JAN = Period(1, on(1, 1), on(2, 1))
FEB = Period(2, on(2, 1), on(3, 1))
SEEN = on(1, 20)
SAID = Order(on(1, 5), 0, 0)
ALIVE = {LIFE: Mark(yes=True, order=Order(on(1, 1), 0, 0))}


def marked(topic, *, yes=True):
    return ALIVE | {topic: Mark(yes=yes, order=SAID)}


def held(*periods, package="gold", marks=ALIVE, group=None, at=SEEN, of=upcoming,
         observed=None, trials=(), activations=(), **more):  # fmt: skip
    service = Sold("shop:7", package, marks, periods, **more)
    account = Account("acc_1", "shop", "main", "USD", "sw1", services=(service,))
    account = replace(
        account, group=group, observed_at=observed, trials=trials,
        activations=activations,
    )  # fmt: skip
    return of(account, service, CATALOG, at)


def coming(package, quantity=None):
    return Next(package, quantity, None, SAID, "said")


TRIED = Trial("calls", on(1, 1), on(1, 31), "shop:7")
BOOST = Activation("c1", "shop:7", on(1, 10), timedelta(days=3), "platinum", 10,
                   Mode.EXTEND)  # fmt: skip

PAID = [
    (held(JAN, quantity=2), 2, on(2, 1), "59.90"),
    # What is paid for further is not paid again.
    (held(JAN, FEB), 3, on(3, 1), "29.95"),
    # A scheduled downgrade is what follows.
    (held(JAN, next=coming("silver", 3)), 2, on(2, 1), "59.85"),
    (held(JAN, group="friends"), 2, on(2, 1), "20.00"),
    # A coupon moves the end, and never the ordinal (D24).
    (held(JAN, activations=(BOOST,)), 2, on(2, 4), "29.95"),
    (held(trials=(TRIED,)), 1, on(1, 31), "29.95"),
    # Late is not never.
    (held(JAN, at=on(2, 10)), 2, on(2, 1), "29.95"),
    (held(JAN, marks=marked(Hold.BILLING)), 2, on(2, 1), "29.95"),
]


@pytest.mark.parametrize(("its", "no", "due", "sum_"), PAID)
def test_what_is_due_next_is_named_by_its_ordinal(its, no, due, sum_):
    """S5, C11, D24: which period, by when, and how much."""
    assert (f"shop:7/period-{no}", due, usd(sum_)) == (
        its.of, its.due, its.offer.amount_due)  # fmt: skip


NOTHING = {
    "it was unsubscribed": held(JAN, marks=marked(ENDING)),
    "it was revoked": held(JAN, marks=marked(REVOKED)),
    "it has ended": held(JAN, marks={LIFE: Mark(yes=False, order=SAID)}),
    "a trial that is not to go on": held(trials=(TRIED,), marks=marked(ENDING)),
    "it is free": held(JAN, package="free"),
    "it becomes free": held(JAN, next=coming("free")),
    "it becomes what is bought once": held(JAN, next=coming("payg")),
    "bought once": held(replace(JAN, ends=None), package="payg"),
    "nothing was paid": held(),
    "abuse": held(JAN, marks=marked(Hold.ABUSE)),
    "an admin's word": held(JAN, marks=marked(Hold.MANUAL)),
    "only looked at": held(JAN, observed=on(1, 2)),
    "nobody sells it any more": held(JAN, package="bronze"),
    "nobody sells what it becomes": held(JAN, next=coming("bronze")),
    "nobody sells its add-on": held(JAN, extras=(("dial", 1),)),
}


@pytest.mark.parametrize("why", NOTHING)
def test_nothing_is_due_of_what_does_not_go_on(why):
    """S5, D26: nothing is renewed by itself that ends, costs nothing, or is off for
    more than its payment."""
    # Guards off, each red: `due is None`, `off`, `observed_at`, `_all_known`, the
    # amount.
    assert NOTHING[why] is None


def test_it_is_time_so_many_days_before():
    """S5: not a moment sooner, and still after it."""
    # Guard off (always time): red.
    its, week = held(JAN), timedelta(days=7)

    assert [False, True, True] == [
        its.is_time(week, at) for at in (on(1, 24, 23, 59), on(1, 25), on(2, 9))
    ]


def test_it_may_be_paid_for_another_cycle():
    """C3: for a year; of the next renewal package, where there is one."""
    yearly = held(JAN, of=lambda *its: following(*its, "annually"))
    then = held(JAN, of=lambda *its: following(*its, "annually"), next=coming("silver"))

    assert (usd("287.52"), on(2, 1)) == (yearly.amount_due, yearly.starts)
    assert ("silver", "annually") == (then.choice.package, then.choice.cycle)
    assert usd("29.95") == held(JAN, of=following).amount_due
