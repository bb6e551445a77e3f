"""What a platform should show of a service: its due date, and until when it waits."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from provisioning.core import acting
from provisioning.core.account import ENDING, LIFE, Mark
from provisioning.core.events import Order
from provisioning.core.history import as_of
from provisioning.core.promised import Promise
from provisioning.core.showing import Move, move, spared
from provisioning.core.shown import Push, Shown
from tests.provisioning.core.ladder import (
    APRIL,
    CATALOG,
    DAY,
    HOUR,
    MARCH,
    TERMS,
    activation,
    marks,
    service,
)
from tests.provisioning.core.world import ACCOUNT, SERVICE, on, suspend, usd

SOLD = replace(CATALOG, terms=TERMS)
THREE = activation(on(3, 10), 3 * DAY)
LATE_APRIL = replace(APRIL, starts=on(4, 4), ends=on(5, 4))
"""As its platform dates it once its due date was moved by three days."""


def account(*cards, pushes=(), promises=(), periods=(MARCH,), **more):
    of = service(14, periods, shown=Shown(pushes), **more)
    return replace(ACCOUNT, services=(of,), activations=cards, promises=tuple(promises))


def moved(*cards, **more):
    there = account(*cards, **more)
    return move(there, there.services[0], SOLD)


def spared_on(at, *cards, catalog=SOLD, **more):
    there = account(*cards, **more)
    return spared(there, there.services[0], catalog, at)


def promise(until=None, paid_at=None, of=SERVICE):
    return Promise(of, on(4, 1), until or on(4, 8), usd("9.00"), "ann", paid_at)


# --- The due date


def test_a_due_date_is_moved_by_the_whole_days_of_its_coupons():
    """D1: from what it shows by what we know; three hours are no day."""
    hours = activation(on(3, 20), 3 * HOUR, id="c2")

    assert Move(date(2026, 4, 1), date(2026, 4, 4), Push(1, 3)) == moved(THREE, hours)


def test_what_was_moved_is_not_moved_again():
    """D1: told twice, it is one move; a new coupon goes on from there.

    Guard off (the pushes of `banked`): red, moved again.
    """
    again = activation(on(3, 20), DAY, id="c2")

    assert moved(THREE, pushes=(Push(1, 3),)) is None
    assert Move(date(2026, 4, 4), date(2026, 4, 5), Push(1, 1)) == moved(
        THREE, again, pushes=(Push(1, 3),)
    )


def test_a_later_period_has_the_days_in_it_already():
    """D1, D24: dated from the moved day on, it is as long as any other."""
    there = account(THREE, pushes=(Push(1, 3),), periods=(MARCH, LATE_APRIL))
    of = there.services[0]

    assert move(there, of, SOLD) is None
    assert on(5, 4) == acting.along(there, of, SOLD).paid_until
    assert timedelta(0) == acting.banked(there, of, SOLD).left


def test_what_could_not_be_moved_is_moved_after_the_next_payment():
    """D1: an invoice was open in March; in April the bank is still there."""
    found = moved(THREE, periods=(MARCH, APRIL))

    assert Move(date(2026, 5, 1), date(2026, 5, 4), Push(2, 3)) == found


@pytest.mark.parametrize(
    ("cards", "more"),
    [
        ((), {}),
        ((activation(on(3, 10), 3 * HOUR),), {}),
        ((THREE,), {"said": marks(**{LIFE: (False, on(3, 20))})}),
        ((THREE,), {"periods": (replace(MARCH, ends=None),)}),
    ],
)
def test_where_no_whole_day_is_owed_nothing_is_moved(cards, more):
    """D1: no coupon, less than a day; it has ended, or never ends.

    Guard off (alive): red for what has ended.
    """
    assert moved(*cards, **more) is None


def test_what_ends_with_its_time_ends_where_its_moved_date_says():
    """B6, D1: the days its platform was made to add count once.

    Guard off (paid_until of the film): red, three days later.
    """
    ends = {ENDING: Mark(yes=True, order=Order(on(4, 10), 0, 0))}
    there = account(
        THREE, pushes=(Push(1, 3),), periods=(MARCH, LATE_APRIL),
        said=marks(**{LIFE: (True, on(3, 1))}) | ends,
    )  # fmt: skip

    assert on(5, 4) == acting.ending(there, there.services[0], SOLD)


def test_a_hold_waits_only_for_what_is_banked():
    """D1: its date was moved by the three days, so a suspension then is in time."""
    held = suspend(on(4, 2)).order
    said = marks(**{LIFE: (True, on(3, 1))}) | {"billing": Mark(yes=True, order=held)}
    waits = [
        acting.holds(there, there.services[0], SOLD, on(4, 2))
        for pushes in ((), (Push(1, 3),))
        for there in [account(THREE, pushes=pushes, said=said)]
    ]

    assert [(), ("billing",)] == waits


def test_seen_as_of_then_what_was_moved_is_not_moved_twice():
    """S3: a look back dates its periods as its platform does.

    Guard off (`shown` of _unheard): red, three days later.
    """
    there = account(THREE, pushes=(Push(1, 3),), periods=(MARCH, LATE_APRIL))
    told = replace(suspend(on(1, 2)), product="rank 14")
    then = as_of(there, [told], SOLD, on(4, 20))

    assert (Push(1, 3),) == then.services[0].shown.pushes


# --- The suspension that waits


@pytest.mark.parametrize(
    ("until", "day"),
    [(on(4, 8), 7), (on(4, 8, 0, 1), 8), (on(4, 8, 23, 59), 8)],
)
def test_a_promise_spares_it_until_its_last_day(until, day):
    """S6: whole days, as its platform counts; midnight belongs to the day before."""
    found = spared_on(on(4, 2), promises=[promise(until)])

    assert date(2026, 4, day) == found


def test_the_day_is_the_tenants():
    """S6: an evening in UTC is the next day in Ho Chi Minh City."""
    far = replace(SOLD, terms=replace(TERMS, zone="Asia/Ho_Chi_Minh"))
    found = spared_on(on(4, 2), catalog=far, promises=[promise(on(4, 7, 20))])

    assert date(2026, 4, 8) == found


@pytest.mark.parametrize(
    ("at", "given"),
    [
        (on(4, 2), promise(paid_at=on(4, 2))),
        (on(4, 8), promise()),
        (on(4, 2), promise(of="shop:8")),
    ],
)
def test_a_promise_that_holds_no_longer_spares_nothing(at, given):
    """S6: kept, over, or of another service.

    Guard off (holds; the service): red each.
    """
    assert spared_on(at, promises=[given]) is None


def test_banked_time_spares_it_until_it_is_over():
    """D1: what its date falls short by, as long as it lasts.

    Guard off (`at < until`; the bank): red.
    """
    hours = activation(on(3, 10), 3 * HOUR)

    assert date(2026, 4, 1) == spared_on(on(3, 20), hours)
    assert spared_on(on(4, 1, 3), hours) is None
    assert spared_on(on(3, 20), THREE, pushes=(Push(1, 3),)) is None
    assert spared_on(on(3, 20)) is None


def test_of_a_promise_and_a_bank_the_longer_counts():
    """S6, D1: neither takes from the other."""
    found = spared_on(on(4, 1, 1), THREE, promises=[promise(on(4, 3))])

    assert date(2026, 4, 3) == found


def test_nothing_is_known_of_a_service_that_was_never_paid():
    """I8: no date, no bank, no promise."""
    assert spared_on(on(4, 1), THREE, periods=()) is None
