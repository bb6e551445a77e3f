"""Cycles compared, and the days that are left of one."""

from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.cycles import days_left, length
from provisioning.core.period import CYCLES
from tests.provisioning.core.world import often, on

BERLIN, HANOI, UTC = map(ZoneInfo, ("Europe/Berlin", "Asia/Ho_Chi_Minh", "UTC"))


def test_cycles_stand_in_the_order_of_their_length():
    """C7: a cycle is compared by how long it is; what is bought once has no end."""
    assert list(CYCLES) == sorted(CYCLES, key=length)
    assert all(length(a) < length(b) for a, b in pairwise(CYCLES))


LEFT = [
    # starts, ends, asked, zone, left of total
    (on(4, 1), on(5, 1), on(4, 1), UTC, "30/30"),
    (on(4, 1), on(5, 1), on(4, 11), UTC, "20/30"),
    (on(4, 1), on(5, 1), on(4, 11, 23, 59), UTC, "20/30"),
    (on(4, 1), on(5, 1), on(4, 30), UTC, "1/30"),
    (on(4, 1), on(5, 1), on(5, 1), UTC, "0/30"),
    (on(4, 1), on(5, 1), on(3, 20), UTC, "30/30"),
    (on(4, 1), on(5, 1), on(6, 1), UTC, "0/30"),
    (on(2, 1), on(3, 1), on(2, 15), UTC, "14/28"),
    (on(1, 1), on(12, 31, 23), on(12, 31), UTC, "0/364"),
    # 29 March 2026 has 23 hours in Berlin.
    (on(3, 1, 0) - timedelta(hours=1), on(3, 31, 22), on(3, 30, 22), BERLIN, "1/31"),
    # At 18:00 in UTC it is the next day in Hanoi.
    (on(4, 1), on(5, 1), on(4, 10, 18), HANOI, "20/30"),
    (on(4, 1), on(4, 1, 6), on(4, 1, 1), UTC, "0/1"),
]


@pytest.mark.parametrize(("starts", "ends", "at", "zone", "days"), LEFT)
def test_days_are_those_of_the_calendar(starts, ends, at, zone, days):
    """D21: real days, half-open: the first is left, the day of the end is not."""
    # Guard off (both ends counted): red. Guard off (days of UTC, or of 24 hours): red.
    assert days == str(days_left(starts, ends, at, zone))


def test_what_is_paid_ahead_is_left_as_a_whole():
    """D21: ten of thirty days, and the whole of the period after it."""
    left = days_left(on(4, 1), on(5, 1), on(4, 21), UTC, ahead=1)

    assert (Fraction(4, 3), "10/30 + 1") == (left.share, str(left))


@often
@given(st.integers(1, 1200), st.integers(-100, 1300), st.sampled_from([BERLIN, HANOI]))
def test_a_share_is_never_less_than_nothing_nor_more_than_all(total, gone, zone):
    """D21: whatever is asked, at most the period is given back."""
    starts = on(1, 1, 12)
    ends, at = starts + timedelta(days=total), starts + timedelta(days=gone)

    assert 0 <= days_left(starts, ends, at, zone).share <= 1
