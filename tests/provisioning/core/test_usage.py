"""Usage by day: a level, reckoned whole each time from what the backend lists."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import usage
from provisioning.core.usage import Record, Used, by_day, is_settled, starts, total

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = date(2026, 11, 1)


def call(after, seconds=60, cost="0.10", kind="voice"):
    return Record(NOON + timedelta(seconds=after), seconds, Decimal(cost), kind)


@st.composite
def records(draw):
    return [
        call(draw(st.integers(0, 200_000)), draw(st.integers(0, 500)), kind=kind)
        for kind in draw(st.lists(st.sampled_from(["voice", "sms", "video"])))
    ]


def test_a_day_tells_calls_minutes_messages_and_cost():
    """S12: messages are counted, whatever time they took."""
    day = usage.used([call(0, 90), call(200, 30), call(5, 10, "0.05", "sms")])

    assert Used(2, 120, 1, 1, Decimal("0.25")) == day
    assert 2 == day.minutes


@pytest.mark.parametrize(
    ("calls", "peak"),
    [
        ([], 0),
        ([(0, 60)], 1),
        ([(0, 60), (59, 60)], 2),
        ([(0, 60), (60, 60)], 1),
        ([(0, 100), (10, 20), (50, 20), (60, 5)], 3),
        ([(0, 0), (0, 0)], 0),
    ],
)
def test_the_peak_is_the_most_calls_at_once(calls, peak):
    """S12: one that ends as another begins made room for it."""
    # Guard off (begun before ended, at the same moment): red, two for the fourth.
    assert peak == usage.used([call(at, seconds) for at, seconds in calls]).peak


def test_a_message_is_no_call_that_is_up():
    """S12: it takes no channel."""
    assert 0 == usage.used([call(0, 60, kind="fax"), call(0, 60, kind="email")]).peak


def test_a_call_is_of_the_day_it_began_in_the_accounts_zone():
    """S12: 17:00 UTC is tomorrow in Hanoi."""
    late = call(5 * 3600)

    assert {DAY} == set(by_day([late], UTC))
    assert {date(2026, 11, 2)} == set(by_day([late], HANOI))


@given(records())
def test_days_add_up_to_the_whole(these):
    """S12: no call is in two days, and none in no day."""
    days = by_day(these, HANOI)
    whole, summed = usage.used(these), total(days.values())

    assert list(days) == sorted(days)
    assert (whole.calls, whole.seconds, whole.messages, whole.cost) == (
        summed.calls, summed.seconds, summed.messages, summed.cost,
    )  # fmt: skip
    assert summed.peak <= whole.peak
    assert Used() == total([])


def test_of_two_looks_the_fuller_stands():
    """S12: a campaign that was deleted there takes its calls along; they were made."""
    fuller, less = usage.used([call(0), call(1)]), usage.used([call(0)])

    assert fuller == fuller.at_least(less) == less.at_least(fuller)


def test_a_day_is_settled_when_it_was_looked_at_long_after_it():
    """S12: the day ends where the account is, and a call may end after it."""
    end = datetime(2026, 11, 1, 17, tzinfo=UTC)
    hour = timedelta(hours=1)

    assert end == starts(date(2026, 11, 2), HANOI)
    assert is_settled(DAY, HANOI, end + hour, hour)
    assert not is_settled(DAY, HANOI, end + hour - timedelta.resolution, hour)
