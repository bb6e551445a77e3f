"""Exactly one of three words for a subscription, and why it is the last of them."""

from itertools import product

import pytest

from provisioning.core.events import Hold
from provisioning.core.status import Facts, Reason, Status, status
from provisioning.core.trial import Trial
from tests.provisioning.core.world import on

TRIAL, AT = Trial("calls", on(3, 1), on(3, 31)), on(3, 10)
LIVE = {"live": True}

SAID = [
    # facts, status, reason
    (LIVE, Status.ACTIVE, None),
    ({}, Status.INACTIVE, Reason.BEING_SET_UP),
    (LIVE | {"ordered": False}, Status.INACTIVE, Reason.NOT_ORDERED),
    (LIVE | {"ended": True}, Status.INACTIVE, Reason.CANCELLED),
    (LIVE | {"holds": {Hold.BILLING}}, Status.INACTIVE, Reason.UNPAID),
    (LIVE | {"holds": {Hold.ABUSE}}, Status.INACTIVE, Reason.ABUSE),
    (LIVE | {"holds": {Hold.MANUAL}}, Status.INACTIVE, Reason.STOPPED),
    ({"holds": {Hold.BILLING, Hold.ABUSE}}, Status.INACTIVE, Reason.ABUSE),
    ({"holds": {Hold.BILLING, Hold.MANUAL}}, Status.INACTIVE, Reason.STOPPED),
    ({"ended": True, "holds": {Hold.ABUSE}}, Status.INACTIVE, Reason.CANCELLED),
]


@pytest.mark.parametrize(("facts", "word", "reason"), SAID)
def test_inactive_has_its_reason(facts, word, reason):
    """D13: active is only what was read back as live; of several reasons one."""
    # Guard off (what the platform says is enough): red.
    facts = Facts(**facts | {"holds": frozenset(facts.get("holds", ()))})

    assert (word, reason) == status(facts, None, AT)


@pytest.mark.parametrize(("at", "word"), [
    (on(2, 28), Status.ACTIVE), (AT, Status.TRIAL), (on(3, 31), Status.ACTIVE),
])  # fmt: skip
def test_trial_is_active_within_its_window(at, word):
    """D13: before and after it is not a trial."""
    # Guard off (any trial ever had counts): red.
    assert (word, None) == status(Facts(live=True), TRIAL, at)


def test_what_is_off_is_no_trial():
    """D13: a trial that is not live yet is being set up."""
    assert (Status.INACTIVE, Reason.BEING_SET_UP) == status(Facts(), TRIAL, AT)


def test_there_is_always_exactly_one_word():
    """P5: Active, Trial or Inactive; a reason stands with the last, and only there."""
    yes = (True, False)
    said = [
        status(Facts(ordered, ended, frozenset(holds), live), trial, AT)
        for ordered, ended, live, trial, holds in product(
            yes, yes, yes, (TRIAL, None), ((), (Hold.BILLING,), tuple(Hold))
        )
    ]

    assert set(Status) == {word for word, _ in said}
    assert all((word is Status.INACTIVE) == (why is not None) for word, why in said)
