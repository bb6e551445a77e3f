"""A plan tried for nothing: once, for so many hours, and what comes after."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.words import render
from provisioning.core.dues import Due, What
from provisioning.core.terms import Family
from provisioning.core.trial import After, Trial, afterwards, begin
from tests.provisioning.core.shop import TERMS, TRIAL, decided, has
from tests.provisioning.core.world import often, on

CALLS, CHATS, PAYG = (TERMS.families[name] for name in ("calls", "chats", "payg"))
HAD = Trial("calls", on(3, 1), on(3, 31))


def test_a_trial_is_so_many_times_24_hours():
    """D14: thirty days to the minute; D8: an hour of summer time is an hour."""
    # Guard off (wall-clock days): red.
    berlin = on(3, 1, 22, 30).astimezone(ZoneInfo("Europe/Berlin"))
    trial = begin(CALLS, (), berlin)

    assert (on(3, 1, 22, 30), on(3, 31, 22, 30)) == (trial.starts, trial.ends)
    assert Due("shop:7/trial", What.TRIAL_OVER, trial.ends) == trial.due("shop:7")


@pytest.mark.parametrize(("at", "runs"), [
    (on(2, 28), False), (on(3, 1), True), (on(3, 30, 23, 59), True), (on(3, 31), False),
])  # fmt: skip
def test_a_trial_is_half_open(at, runs):
    """D14: at its end it is over."""
    assert runs == HAD.runs(at)


BEGUN = [
    # family, tried before, code
    (CALLS, (), None),
    (CALLS, (HAD,), "trial_had"),
    (CHATS, (HAD,), None),
    (PAYG, (), "trial_none"),
]


@pytest.mark.parametrize(("family", "tried", "code"), BEGUN)
def test_a_family_is_tried_once(family, tried, code):
    """D14: one trial per account and family; each family has its own."""
    # Guard off (what was tried is not looked at): red.
    trial = begin(family, tried, on(6, 1))

    assert code == getattr(trial, "code", None)


def test_a_refused_trial_says_when_there_was_one():
    """D14: and what can be done instead."""
    assert (
        '"calls" was tried already, until 2026-03-31 00:00 UTC, and is tried once;'
        " order a plan of it."
    ) == render(begin(CALLS, (HAD,), on(6, 1)))


@often
@given(
    st.lists(st.sampled_from(["silver", "gold", "platinum", "gold-too"]), max_size=6),
    st.integers(0, 60 * 24),
)
def test_an_upgrade_never_restarts_a_trial(plans, hours):
    """D14: whatever is chosen while it runs or after, its window stays, and no other
    begins."""
    # Guard off (a trial is a plan's, not a family's): red.
    trial = begin(CALLS, (), on(3, 1))
    at = on(3, 1) + timedelta(hours=hours)
    families = [TERMS.family_of(plan) for plan in plans]
    again = [begin(family, (trial,), at) for family in families]

    assert ["trial_had"] * len(plans) == [said.code for said in again]
    assert trial.starts + TRIAL == trial.ends


def test_buying_within_the_trial_does_not_end_what_is_free():
    """D14: what is paid begins where the trial ends."""
    bought = decided(has(tried_until=on(5, 1)))

    assert "the trial runs to its end" in render(bought.because)


OVER = [
    (CALLS, True, After.STAYS),
    (CALLS, False, After.TO_FREE),
    (PAYG, True, After.STAYS),
    (PAYG, False, After.SUSPEND),
    (CHATS, True, After.STAYS),
    (CHATS, False, After.SUSPEND),
    (Family("x", of="calls", free="y"), False, After.SUSPEND),
]


@pytest.mark.parametrize(("family", "paid", "after"), OVER)
def test_an_unpaid_trial_ends_in_free_or_in_nothing(family, paid, after):
    """D13: a main plan goes to Free where there is one; C13: a dependent never does."""
    # Guard off (all go to Free): red. Guard off (none does): red.
    assert after == afterwards(family, paid=paid)
