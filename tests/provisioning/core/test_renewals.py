"""When the next payment is due, and what happens around that day."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import renewals
from provisioning.core.dues import Due, What, reached, wakes
from provisioning.core.period import CYCLES
from provisioning.core.renewals import Pay, ladder, renews, runs_until, standing
from provisioning.core.terms import Dunning
from tests.provisioning.core.shop import PRICES
from tests.provisioning.core.world import often, on

GOLD, FREE, PAYG = (PRICES.packages[name] for name in ("gold", "free", "payg"))
HOUSE, DUE = Dunning(), on(5, 10)


def steps(package=GOLD, due=DUE, dunning=HOUSE):
    return ladder("shop:7", 3, package, due, dunning)


ANCHORED = [
    ("monthly", on(1, 31), ["02-28", "03-31", "04-30", "05-31"]),
    ("monthly", on(1, 30), ["02-28", "03-30", "04-30", "05-30"]),
    ("monthly", on(1, 15), ["02-15", "03-15", "04-15", "05-15"]),
    ("quarterly", on(1, 31), ["04-30", "07-31", "10-31", "01-31"]),
    ("annually", on(1, 31), ["01-31", "01-31", "01-31", "01-31"]),
]


@pytest.mark.parametrize(("cycle", "anchor", "days"), ANCHORED)
def test_a_due_date_is_counted_from_the_anchor(cycle, anchor, days):
    """D20: 31 Jan, 28 Feb, 31 Mar; the anchor day is kept, never chained."""
    # Guard off (each is counted from the one before): red.
    assert days == [f"{renews(anchor, cycle, no):%m-%d}" for no in (1, 2, 3, 4)]


def test_what_follows_a_period_is_counted_from_the_first_as_well():
    """D20: after 28 Feb comes 31 Mar, if it began on 31 Jan; by one calendar."""
    # Guard off (counted from *starts*, or in UTC): red.
    berlin = "Europe/Berlin"
    first, second = on(1, 31), on(2, 28)
    summer = runs_until(on(3, 20, 12), on(3, 20, 12), "monthly", berlin)

    assert on(3, 31) == runs_until(first, second, "monthly")
    assert on(2, 20).replace(year=2027) == runs_until(first, on(2, 20), "annually")
    assert on(4, 20, 11) == summer
    assert None is runs_until(first, second, "once")


def test_the_29th_of_february_comes_back():
    """D20: bought by the year, it is the 28th in between."""
    anchor = on(2, 28).replace(year=2028, day=29)

    assert ["02-28", "02-28", "02-28", "02-29"] == [
        f"{renews(anchor, 'annually', no):%m-%d}" for no in (1, 2, 3, 4)
    ]


def test_a_due_date_is_one_of_the_customers_calendar():
    """D20: the 1st in Hanoi, where in UTC it is the month before; D8: no drift."""
    # Guard off (months are counted in UTC): red.
    anchor = on(2, 28, 17)
    days = [renews(anchor, "monthly", no, "Asia/Ho_Chi_Minh") for no in (1, 2, 3)]

    assert [on(3, 31, 17), on(4, 30, 17), on(5, 31, 17)] == days
    assert ["01", "01", "01"] == [
        f"{due.astimezone(ZoneInfo('Asia/Ho_Chi_Minh')):%d}" for due in days
    ]


@often
@given(
    st.integers(1, 31),
    st.sampled_from([c for c in CYCLES if c != "once"]),
    st.integers(1, 40),
    st.sampled_from(["UTC", "Asia/Ho_Chi_Minh", "America/New_York"]),
)
def test_every_due_date_is_the_anchors_day_or_the_months_last(day, cycle, no, zone):
    """D20: whatever the cycle, the zone and how often."""
    anchor = on(1, day, 20)
    due = renews(anchor, cycle, no, zone).astimezone(ZoneInfo(zone))
    last = (due + timedelta(days=1)).day == 1
    here = anchor.astimezone(ZoneInfo(zone))

    assert due.day == here.day or (last and due.day < here.day)
    assert due.timetz() == here.timetz() or zone == "America/New_York"


def test_what_is_bought_once_is_never_due():
    """I8: no due date, no reminder, and never revoked for non-payment."""
    # Guard off (the ladder does not look at the cycle): red.
    assert None is renews(on(1, 31), "once", 1)
    assert () == steps(PAYG) == steps(due=None)


def test_what_costs_nothing_is_never_unpaid():
    """I8: nobody is reminded to pay 0.00, and Free is not switched off for it."""
    # Guard off (the ladder does not look at the price): red.
    assert () == steps(FREE)


def test_the_house_duns_by_its_ladder():
    """D27: reminders 7, 3 and 1 days before, suspended 3 after, revoked 14 after."""
    assert [
        (What.REMIND, on(5, 3)),
        (What.REMIND, on(5, 7)),
        (What.REMIND, on(5, 9)),
        (What.RENEW, on(5, 10)),
        (What.SUSPEND, on(5, 13)),
        (What.REVOKE, on(5, 24)),
    ] == [(due.what, due.at) for due in steps()]


def test_where_the_platform_duns_nothing_is_due_here():
    """D27: two would remind and suspend, each by days of its own."""
    # Guard off (without dunning of our own the house's holds): red.
    assert () == steps(dunning=None)


def test_the_operator_sets_the_days():
    """I9: not paid, it may be suspended, and after N days it is revoked."""
    never = Dunning(remind=(), suspend=None, revoke=timedelta(days=30))
    soon = replace(HOUSE, suspend=timedelta(0))

    assert [(What.RENEW, DUE), (What.REVOKE, on(6, 9))] == [
        (due.what, due.at) for due in steps(dunning=never)
    ]
    assert DUE == next(d.at for d in steps(dunning=soon) if d.what is What.SUSPEND)


STANDS = [
    (on(5, 2), None),
    (on(5, 3), What.REMIND),
    (on(5, 10), What.RENEW),
    (on(5, 12, 23, 59), What.RENEW),
    (on(5, 13), What.SUSPEND),
    (on(5, 24), What.REVOKE),
    (on(9, 1), What.REVOKE),
]


@pytest.mark.parametrize(("at", "what"), STANDS)
def test_who_wakes_late_does_what_it_has_come_to(at, what):
    """I9: after an outage nobody is reminded of what is revoked by now."""
    # Guard off (the first step that was missed): red.
    due = standing(steps(), at)

    assert what == (due and due.what)


def test_due_times_are_values_to_wake_by():
    """D27: a key each, its moment; those that are past wake nobody."""
    coming = wakes(steps(), on(5, 9))

    assert {
        "shop:7/period-3/renew/2026-05-10T00:00:00+00:00": on(5, 10),
        "shop:7/period-3/suspend/2026-05-13T00:00:00+00:00": on(5, 13),
        "shop:7/period-3/revoke/2026-05-24T00:00:00+00:00": on(5, 24),
    } == coming
    assert len(steps()) == len(wakes(steps(), on(1, 1)))


def test_what_was_reached_stands_in_the_order_of_its_moments():
    """D27: however it was listed."""
    backwards = tuple(reversed(steps()))

    assert [on(5, 3), on(5, 7)] == [due.at for due in reached(backwards, on(5, 8))]
    assert "shop:7/trial/trial-over/2026-05-10T00:00:00+00:00" == (
        Due("shop:7/trial", What.TRIAL_OVER, DUE).key
    )


HOW = [
    (True, True, Pay.CHARGE),
    (True, False, Pay.LINK),
    (False, True, Pay.INVOICE),
    (False, False, Pay.INVOICE),
]


@pytest.mark.parametrize(("automatic", "unattended", "how"), HOW)
def test_automatic_is_what_the_provider_can_do_alone(automatic, unattended, how):
    """D18: else an invoice, a reminder and a link that pays it with one tap."""
    # Guard off (automatic charges, whoever can): red.
    assert how == renewals.by(automatic=automatic, unattended=unattended)
