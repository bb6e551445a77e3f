"""Exactly one of three words for a subscription, and why it is the last of them."""

from itertools import product

import pytest

from bridge.words import render
from provisioning.core.events import Hold
from provisioning.core.status import (
    Facts,
    Reason,
    Status,
    facts,
    status,
    told,
    trial_of,
)
from provisioning.core.trial import Trial
from tests.provisioning.core.test_dunning import HOUSE, living
from tests.provisioning.core.test_dunning import later as at_that
from tests.provisioning.core.test_trying import (
    BEGUN,
    CATALOG,
    OVER,
    PAID,
    later,
    trying,
)
from tests.provisioning.core.world import ACCOUNT, on, renewed

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
    ({"ended": True, "revoked": True}, Status.INACTIVE, Reason.REVOKED),
    (LIVE | {"revoked": True}, Status.ACTIVE, None),
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
        status(Facts(ordered, ended, ended, frozenset(holds), live), trial, AT)
        for ordered, ended, live, trial, holds in product(
            yes, yes, yes, (TRIAL, None), ((), (Hold.BILLING,), tuple(Hold))
        )
    ]

    assert set(Status) == {word for word, _ in said}
    assert all((word is Status.INACTIVE) == (why is not None) for word, why in said)


def test_every_word_is_said_to_people():
    """P5: one of three, and each reason in words of its own."""
    words = [render(told(word, None)) for word in (Status.ACTIVE, Status.TRIAL)]
    whys = [render(told(Status.INACTIVE, reason)) for reason in Reason]

    assert ["Active", "Trial"] == words
    assert len(Reason) == len(set(whys))
    assert all(why.startswith("Inactive: ") for why in whys)


def test_what_is_unpaid_by_our_own_dunning_is_inactive():
    """D13: as what its platform suspended; and revoked is not cancelled."""
    world = living(on(1, 2))
    seen = [
        status(facts(world.account, world.service, HOUSE, at, live=True), None, at)
        for at in (on(2, 3), on(2, 5))
    ]
    at_that(world, on(2, 16))
    over = facts(world.account, world.service, HOUSE, on(2, 16), live=False)

    assert [(Status.ACTIVE, None), (Status.INACTIVE, Reason.UNPAID)] == seen
    assert (Status.INACTIVE, Reason.REVOKED) == status(over, None, on(2, 16))
    assert not facts(ACCOUNT, ACCOUNT.services[0], HOUSE, AT, live=False).ordered


def test_a_trial_is_told_until_it_is_over_or_paid_time_begins():
    """D13: what is bought within it begins where it ends."""
    world = trying()
    tried = trial_of(world.account, world.service, CATALOG)
    later(world, on(3, 5), renewed(on(3, 5), **PAID | {"starts": on(3, 5)}))
    paid = trial_of(world.account, world.service, CATALOG)

    assert (BEGUN, OVER, on(3, 5)) == (tried.starts, tried.ends, paid.ends)
    assert None is trial_of(ACCOUNT, ACCOUNT.services[0], CATALOG)
