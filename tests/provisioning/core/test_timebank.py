"""Whole days go to the platform, less than one is banked, and a hold waits for it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.events import Hold
from provisioning.core.period import Period
from provisioning.core.shown import Push
from provisioning.core.timebank import Bank, Renewal, bank, deferred
from provisioning.core.timeline import End
from tests.provisioning.core.ladder import DAY, HOUR, activation, lies, service
from tests.provisioning.core.world import often, on

FREE_TO_MOVE = Renewal()
OPEN = Period(1, on(3, 1), None)


def banked(*cards, pushes=(), renewal=FREE_TO_MOVE, zone="UTC", of=None, ends=()):
    along = lies(of or service(14), *cards, *ends, pushes=pushes)
    return bank(along, pushes, renewal, zone)


@pytest.mark.parametrize(
    ("lasts", "pushed", "then"),
    [
        (3 * DAY, 0, Bank(date(2026, 4, 1), date(2026, 4, 1), 3 * DAY, 3)),
        (3 * DAY, 3, Bank(date(2026, 4, 1), date(2026, 4, 4), 0 * DAY, 0)),
        (3 * HOUR, 0, Bank(date(2026, 4, 1), date(2026, 4, 1), 3 * HOUR, 0)),
        (49 * HOUR, 1, Bank(date(2026, 4, 1), date(2026, 4, 2), 25 * HOUR, 1)),
    ],
)
def test_the_bank_is_what_the_platforms_date_falls_short_by(lasts, pushed, then):
    """D1: nominal and pushed due date, what is left, and what to push now."""
    pushes = (Push(1, pushed),) if pushed else ()

    assert then == banked(activation(on(3, 10), lasts), pushes=pushes)


@pytest.mark.parametrize(
    ("zone", "due"), [("UTC", 1), ("Asia/Ho_Chi_Minh", 1), ("America/New_York", 31)]
)
def test_a_due_date_is_named_in_the_tenants_calendar(zone, due):
    """D1: midnight in UTC is still the day before in New York."""
    assert due == banked(zone=zone).nominal.day


@pytest.mark.parametrize(
    ("renewal", "push"),
    [
        (FREE_TO_MOVE, 3),
        (Renewal(movable=True), 3),
        (Renewal(invoiced=True, movable=True), 3),
        (Renewal(invoiced=True), 0),
        (Renewal(gateway="paypal"), 0),
        (Renewal(gateway="paypal", movable=True), 0),
    ],
)
def test_where_a_push_would_not_hold_all_of_it_stays_banked(renewal, push):
    """D25: an open invoice that cannot be moved, or a gateway's own calendar."""
    # Guard off: red, 3 everywhere.
    found = banked(activation(on(3, 10)), renewal=renewal)

    assert (push, 3 * DAY) == (found.push, found.left)


def test_days_pushed_for_a_coupon_that_then_ended_are_not_taken_back():
    """D7: the platform shows three days more, and shall not show less tomorrow."""
    # Guard off (below nothing): red, -2 days.
    found = banked(activation(on(3, 10)), pushes=(Push(1, 3),), ends=(End(on(3, 11)),))

    assert (0 * DAY, 0) == (found.left, found.push)


def test_without_an_end_there_is_no_date_and_nothing_to_bank():
    """I8: bought once, it has no due date."""
    bought_once = service(14, (OPEN,))

    assert Bank(None, None, 0 * DAY, 0) == banked(activation(on(3, 10)), of=bought_once)


@often
@given(st.lists(st.integers(1, 100), max_size=6))
def test_pushed_and_banked_together_are_all_the_coupons_lasted(hours):
    """D1: pushed after each of them, never a whole day is left, nor a minute lost."""
    cards, pushes = [], ()
    for no, lasts in enumerate(hours):
        cards.append(activation(on(3, 2 + 4 * no), lasts * HOUR, id=f"c{no}"))
        pushes += (Push(1, banked(*cards, pushes=pushes).push),)
    left = banked(*cards, pushes=pushes).left

    assert sum(hours) * HOUR == left + sum(push.days for push in pushes) * DAY
    assert left < DAY


# --- A hold within banked time


LATE = on(4, 1, 3)
"""The end of March, with a coupon of three hours in it that no date shows."""


@pytest.mark.parametrize(
    ("hold", "at", "then"),
    [
        (Hold.BILLING, on(4, 1), LATE),
        (Hold.BILLING, on(4, 1, 2, 59), LATE),
        (Hold.BILLING, on(3, 31, 23, 59), None),
        (Hold.BILLING, LATE, None),
        (Hold.ABUSE, on(4, 1, 1), None),
        (Hold.MANUAL, on(4, 1, 1), None),
    ],
)
def test_a_hold_for_non_payment_waits_for_the_end_of_banked_time(hold, at, then):
    """D1: three hours are banked, so what is due at midnight is due at three."""
    # Guard off (the kind of hold; both edges): red each.
    along = lies(service(14), activation(on(3, 10), 3 * HOUR))

    assert then == deferred(hold, at, along, 3 * HOUR)


def test_with_nothing_banked_a_hold_counts_at_once():
    """I9: not paid, suspended."""
    along = lies(service(14))

    assert None is deferred(Hold.BILLING, on(4, 1), along, 0 * HOUR)


def test_what_has_no_end_is_held_at_once():
    """D1: there is no end its hold could wait for."""
    along = lies(service(14, (OPEN,)), activation(on(3, 10)))

    assert None is deferred(Hold.BILLING, on(4, 1), along, 3 * HOUR)
