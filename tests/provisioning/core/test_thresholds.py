"""Bounds a subscriber sets: told once per crossing."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.sentences import say
from provisioning.core.thresholds import (
    Looked,
    Measure,
    Per,
    Threshold,
    looked,
    sentence,
    value_of,
)
from provisioning.core.usage import Used

BALANCE = Threshold(Measure.BALANCE, Decimal(5))
MINUTES = Threshold(Measure.MINUTES, Decimal(10), Per.MONTH)


def balance(value, highest=None):
    return Looked(Decimal(value), None if highest is None else Decimal(highest))


def told(bound, *looks):
    """After each look: whether it was told."""
    said = []
    for look in looks:
        now = looked(bound, look)
        said.append(now.times - bound.times)
        bound = now
    return said


@pytest.mark.parametrize(
    ("balances", "said"),
    [
        (["6", "5", "4.99", "4", "-1"], [0, 0, 1, 0, 0]),
        (["4", "6", "4", "5", "4"], [1, 0, 1, 0, 1]),
        (["5", "5"], [0, 0]),
    ],
)
def test_it_is_told_once_per_crossing(balances, said):
    """S2: falls below, told; rises above; falls again: told again."""
    # Guard off (it is not remembered that it was crossed): red, told each time.
    assert said == told(BALANCE, *map(balance, balances))


def test_a_rise_between_two_looks_is_a_rise():
    """S2: a top-up that was used up before the next look."""
    # Guard off (what it had meanwhile is not heeded): red, it is told once.
    assert [1, 1] == told(BALANCE, balance("4"), balance("3", "9"))
    assert [1, 0] == told(BALANCE, balance("4"), balance("3", "4.5"))


def test_usage_is_told_above_and_starts_anew_with_its_time():
    """S2: a new month begins with nothing."""
    months = [
        Looked(used={Per.MONTH: Used(seconds=60 * m)}) for m in (10, 11, 12, 0, 11)
    ]

    assert [0, 1, 0, 0, 1] == told(MINUTES, *months)


@pytest.mark.parametrize("measure", Measure)
def test_what_a_look_does_not_show_changes_nothing(measure):
    """S2: a backend that tells no usage, or did not answer."""
    bound = Threshold(measure, Decimal(1), crossed=True, times=3)

    assert bound == looked(bound, Looked())


def test_each_measure_is_read_from_its_own():
    """S2: of the time it is counted over; a day, where none is said."""
    day, month = Used(1, 120, 3, 4, Decimal(9)), Used(5, 600, 7)
    seen = Looked(
        Decimal(8), None, {Per.DAY: day, Per.MONTH: month},
        {Per.DAY: Decimal("0.5"), Per.MONTH: Decimal(2)},
    )  # fmt: skip
    values = {
        (measure, per): value_of(Threshold(measure, Decimal(1), per), seen)
        for measure in Measure
        for per in (None, Per.MONTH)
    }

    assert {
        (Measure.BALANCE, None): 8, (Measure.BALANCE, Per.MONTH): 8,
        (Measure.CALLS, None): 1, (Measure.CALLS, Per.MONTH): 5,
        (Measure.MINUTES, None): 2, (Measure.MINUTES, Per.MONTH): 10,
        (Measure.MESSAGES, None): 3, (Measure.MESSAGES, Per.MONTH): 7,
        (Measure.SPENT, None): Decimal("0.5"), (Measure.SPENT, Per.MONTH): 2,
    } == values  # fmt: skip


@given(st.lists(st.decimals(-9, 9, places=2)))
def test_it_is_told_as_often_as_it_falls_below(balances):
    """S2: whatever the balance does, each fall below is one, and nothing else is."""
    below = [value < BALANCE.level for value in balances]
    falls = sum(
        now and not was for was, now in zip([False, *below], below, strict=False)
    )

    assert falls == sum(told(BALANCE, *map(balance, balances)))


def test_it_is_said_in_the_accounts_money_or_in_whole_numbers():
    """S2: with what it is and where the bound stands."""
    spent = replace(MINUTES, measure=Measure.SPENT, per=None)

    assert say("balance_below", value="4.50 USD", level="5.00 USD") == sentence(
        BALANCE, Decimal("4.5"), "USD"
    )
    assert say("minutes_above", value="11", level="10", per="month") == sentence(
        MINUTES, Decimal("10.6"), "USD"
    )
    calls, messages = (
        sentence(replace(MINUTES, measure=each), Decimal(11), "USD").code
        for each in (Measure.CALLS, Measure.MESSAGES)
    )
    assert ("calls_above", "messages_above") == (calls, messages)
    assert say("spent_above", value="11.00 USD", level="10.00 USD", per="day") == (
        sentence(spent, Decimal(11), "USD")
    )
