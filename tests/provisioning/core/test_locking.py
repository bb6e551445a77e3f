"""Data of what was lost: locked by a change, unlocked by one, deleted in time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import acting, locking
from provisioning.core.account import Service
from provisioning.core.desired import State
from provisioning.core.dues import What
from provisioning.core.events import Type
from provisioning.core.kept import Deletion, Locked
from provisioning.core.splice import Activation
from provisioning.core.umbrellas import Acting
from tests.provisioning.core.roomy import ROOMY, Roomy, sold
from tests.provisioning.core.world import (
    DAY,
    SERVICE,
    activate,
    change,
    often,
    on,
    suspend,
    terminate,
    told,
)

API, DOCUMENTS = "features/api", "documents"
LOST = {API, "features/recording", DOCUMENTS}
DOWN = on(4, 1)
GONE = DOWN + 90 * DAY


@pytest.fixture
def lower():
    """Gold until April, and silver since: no API, no recording, no documents."""
    world = sold()
    world.hears(DOWN, change(DOWN, "silver"))
    return world


def with_coupon(world, at, days, package="gold"):
    coupon = Activation("c", SERVICE, at, days * DAY, package, 30)
    world.account = replace(world.account, activations=(coupon,))
    world.hears(at)
    return at + days * DAY


def test_a_downgrade_locks_what_it_leaves_nothing_of(lower):
    """C15: the storage is only less; of channels and the tariff nothing is kept."""
    assert dict.fromkeys(LOST, DOWN) == lower.locks
    assert dict.fromkeys(LOST, (GONE, False)) == lower.told


def test_what_is_locked_is_deleted_after_90_days_and_not_before(lower):
    """C15, D10: to the second; the platform is told what it shows then."""
    # Guard off (deleted at once): red. Guard off (never deleted): red.
    lower.hears(GONE - timedelta(seconds=1))
    before = lower.told
    lower.hears(GONE)

    assert dict.fromkeys(LOST, (GONE, False)) == before
    assert dict.fromkeys(LOST, (GONE, True)) == lower.told
    assert {GONE} == {lock.gone_at for lock in lower.service.locked}


def test_its_notices_are_due_values(lower):
    """D10: 30, 7 and 1 days before; they wake the account and can be read."""
    due = acting.dues(lower.account, lower.service, ROOMY)
    of_api = [(d.what, d.at) for d in due if d.of == f"{SERVICE}/{API}"]
    wakes = set(lower.plan().wakes.values())

    assert [
        (What.WARN_DATA, GONE - 30 * DAY),
        (What.WARN_DATA, GONE - 7 * DAY),
        (What.WARN_DATA, GONE - DAY),
        (What.DELETE, GONE),
    ] == of_api
    assert {at for _, at in of_api} <= wakes


@pytest.mark.parametrize(("back", "left"), [
    ("gold", set()), ("unlimited", set()), ("free", LOST | {"storage_gb"}),
])  # fmt: skip
def test_any_change_that_gives_it_again_unlocks_it(lower, back, left):
    """D10: on the last day, too."""
    # Guard off (what was locked once is deleted): red.
    last = GONE - timedelta(seconds=1)
    lower.hears(last, change(last, back))
    lower.hears(GONE + 90 * DAY)

    assert left == {name for name, (_, done) in lower.told.items() if done}
    assert left == set(lower.locks)


def test_an_addon_that_gives_it_again_unlocks_it(lower):
    """D10: only that; the rest is deleted."""
    at = on(5, 1)
    lower.hears(at, change(at, "silver", extras=(("archive", 1),)))

    assert LOST - {API} == set(lower.locks)


def test_locked_again_it_has_its_whole_time_again(lower):
    """D10: from the later change on."""
    lower.hears(on(5, 1), change(on(5, 1), "gold"))
    lower.hears(on(6, 1), change(on(6, 1), "silver"))

    assert {on(6, 1)} == set(lower.locks.values())


def test_what_a_change_takes_away_at_period_end_is_locked_from_then():
    """C11, D10: 90 days after it takes effect, not after it was asked for."""
    world = sold()
    world.hears(on(3, 1), change(on(3, 1), "silver", at_period_end=True))
    before, ends = world.locks, on(12, 31)
    world.hears(ends + timedelta(minutes=5))

    assert ({}, {ends}) == (before, set(world.locks.values()))


def test_a_downgrade_heard_of_late_leaves_its_notices_time():
    """D10: dated back for a year, nothing is deleted today."""
    # Guard off (counted from the word however old): red.
    world = sold()
    world.hears(on(11, 1), change(on(2, 1), "silver"))

    assert {on(10, 31)} == set(world.locks.values())
    assert not any(done for _, done in world.told.values())


def test_off_on_the_day_it_is_done_late():
    """D10: the bridge comes back in winter, and then it is deleted."""
    world = sold()
    world.hears(DOWN, change(DOWN, "silver"))
    world.hears(on(11, 1))

    assert dict.fromkeys(LOST, (GONE, True)) == world.told


def test_a_coupon_that_gives_it_stops_the_time_and_its_end_begins_it_anew(lower):
    """D10, B3: what the customer may use today is not deleted today."""
    # Guard off (the first date stands): red, deleted while the coupon runs.
    begins = GONE - DAY
    ends = with_coupon(lower, begins, 5)
    during = lower.locks, lower.told
    lower.hears(begins + 2 * DAY)
    still = lower.told
    lower.hears(ends)

    assert (dict.fromkeys(LOST), {}) == during
    assert {} == still
    assert dict.fromkeys(LOST, (ends + 90 * DAY, False)) == lower.told


def test_an_umbrella_that_gives_it_is_as_good(lower):
    """D10, S4: entitled is entitled."""
    over = Acting("guest", on(5, 1), on(8, 1))
    lower.account = replace(lower.account, umbrellas=(over,))
    lower.hears(on(5, 1))
    lower.hears(GONE)
    during = lower.told
    lower.hears(on(8, 1))

    assert {} == during
    assert {on(8, 1)} == set(lower.locks.values())


def test_what_only_a_coupon_gave_is_never_locked():
    """C15: its end is no downgrade; what was kept meanwhile stays."""
    world = sold("silver")
    ends = with_coupon(world, on(3, 1), 3)
    world.hears(ends)

    assert () == world.service.locked


def test_a_downgrade_under_a_coupon_is_locked_when_the_coupon_ends():
    """D10: sold no more, and given for three days yet."""
    world = sold()
    ends = with_coupon(world, on(3, 31), 3)
    world.hears(DOWN, change(DOWN, "silver"))
    during = world.locks
    world.hears(ends)

    assert dict.fromkeys(LOST) == during
    assert dict.fromkeys(LOST, ends) == world.locks


def test_another_service_that_gives_it_keeps_it(lower):
    """C15: the data is the account's, whichever service it came by."""
    lower.account = lower.account.with_service(Service("shop:8", "archive"))
    more = activate(on(5, 1), product="archive", service="shop:8", line="shop:8-1",
                    starts=on(5, 1))  # fmt: skip
    lower.hears(on(5, 1), more)
    during = lower.locks
    lower.hears(on(6, 1), terminate(on(6, 1), service="shop:8"))

    assert {API: None} == {name: at for name, at in during.items() if at is None}
    assert {API: on(6, 1)} == {n: at for n, at in lower.locks.items() if at != DOWN}


def test_of_two_services_that_lost_it_the_later_date_counts(lower):
    """C15: one deletion, of what the account has by both."""
    lower.account = lower.account.with_service(Service("shop:8", "gold"))
    said = {"service": "shop:8", "line": "shop:8-1"}
    lower.hears(on(5, 1), activate(on(5, 1), product="gold", starts=on(5, 1), **said))
    lower.hears(on(6, 1), change(on(6, 1), "silver", service="shop:8"))
    lower.account = lower.account.with_service(
        replace(lower.service, locked=(Locked(API, DOWN),))
    )
    lower.hears(on(6, 1))

    assert (on(6, 1) + 90 * DAY, False) == lower.told[API]


def test_what_ended_is_not_deleted_by_the_feature(lower):
    """C15, D26: what ended is kept for its retention, and purged as a whole."""
    lower.hears(on(5, 1), terminate(on(5, 1)))
    lower.hears(on(9, 1))

    assert () == locking.told(lower.account, on(9, 1))
    assert not any(done for _, done in lower.told.values())
    assert None is lower.account.data_waits


@pytest.mark.parametrize("word", [
    lambda at: told(Type.REINSTATE, at),
    lambda at: activate(at, product="silver", line="shop:line-5", starts=at),
])  # fmt: skip
def test_brought_back_it_has_its_whole_time_again(lower, word):
    """D10: what was gone for a year is not deleted on the day it is back."""
    # Guard off (counted from the old change): red.
    lower.hears(on(5, 1), terminate(on(5, 1)))
    lower.hears(on(9, 1), word(on(9, 1)))

    assert dict.fromkeys(LOST, (on(9, 1) + 90 * DAY, False)) == lower.told


def test_a_word_that_revives_nothing_changes_no_date(lower):
    """D10: a platform that says again what is so."""
    lower.hears(on(5, 1), told(Type.REINSTATE, on(5, 1)))

    assert {DOWN} == set(lower.locks.values())


def test_ordered_anew_as_less_what_it_had_is_locked(lower):
    """C15: terminated as gold and activated as silver is a downgrade by two words."""
    world = sold()
    world.hears(on(5, 1), terminate(on(5, 1)))
    again = activate(on(6, 1), product="silver", line="shop:line-5", starts=on(6, 1))
    world.hears(on(6, 1), again)

    assert dict.fromkeys(LOST, on(6, 1)) == world.locks


def test_what_was_deleted_stays_deleted_while_it_is_locked(lower):
    """D10: terminated and brought back, it is not deleted a second time."""
    lower.hears(GONE)
    lower.hears(GONE + DAY, terminate(GONE + DAY))
    lower.hears(on(9, 1), told(Type.REINSTATE, on(9, 1)))

    assert dict.fromkeys(LOST, (GONE, True)) == lower.told
    due = acting.dues(lower.account, lower.service, ROOMY)
    assert not [d for d in due if d.what in {What.WARN_DATA, What.DELETE}]


def test_a_trial_that_ends_in_free_locks_what_was_tried():
    """C12, C15: on downgrade or Free."""
    world = Roomy()
    first = activate(on(1, 1), product="gold", line=None, starts=None, trial=True)
    world.hears(on(1, 1), first)
    world.hears(on(1, 31))

    assert LOST | {"storage_gb"} == set(world.locks)
    assert {on(1, 31)} == set(world.locks.values())


def test_a_suspended_service_keeps_what_it_resumes_with():
    """D29: suspended is not downgraded."""
    world = sold()
    world.hears(on(4, 1), suspend(on(4, 1)))

    assert {} == world.locks


def without(*names):
    return replace(
        ROOMY, packages={n: p for n, p in ROOMY.packages.items() if n not in names}
    )


def test_what_nobody_knows_any_more_deletes_nothing(lower):
    """C15: it may give all that was locked."""
    # Guard off (what nobody knows gives nothing): red.
    gone = without("silver")
    after = locking.noticed(lower.account, lower.account, gone, GONE)

    assert dict.fromkeys(LOST) == {k.feature: k.since for k in after.services[0].locked}


@pytest.mark.parametrize("name", ["gold", "silver"])
def test_of_what_nobody_knows_nothing_is_lost(lower, name):
    """C15: a package that is gone from the catalog is no downgrade."""
    before, gone = sold().account, without(name)
    now = before.with_service(replace(before.services[0], package="silver"))

    assert now == locking.noticed(before, now, gone, DOWN)


SHOWN = Deletion(API, GONE, done=True)


@pytest.mark.parametrize(("seen", "gone"), [
    (None, set()),
    (State(True, {}), set()),
    (State(True, {"locked": ()}), set()),
    (State(True, {"locked": (replace(SHOWN, done=False),)}), set()),
    (State(True, {"locked": (SHOWN,)}), {API}),
])  # fmt: skip
def test_it_is_gone_where_the_platform_shows_it_so(lower, seen, gone):
    """D10: read back, as every level."""
    # Guard off (told is done): red.
    after = locking.gone(lower.account, seen, GONE)

    assert gone == {k.feature for k in after.service(SERVICE).locked if k.gone_at}


def test_where_the_backend_cannot_a_person_is_told_in_time():
    """C15: never a silent skip; nothing is told to that backend."""
    # Guard off (nobody is told): red.
    world = sold(deletes=False)
    world.hears(DOWN, change(DOWN, "silver"))
    world.hears(GONE - 7 * DAY - timedelta(seconds=1))
    early = world.account.data_waits
    world.hears(GONE - 7 * DAY)

    assert None is early
    assert "features/api of shop:7 by 2026-06-30 00:00 UTC" in world.account.data_waits
    assert not world.has("locked")


def test_a_person_who_deleted_it_is_told_no_more():
    """C15: and what comes back needs nobody."""
    world = sold(deletes=False)
    world.hears(DOWN, change(DOWN, "silver"))
    world.hears(GONE)
    by_hand = tuple(replace(lock, gone_at=GONE) for lock in world.service.locked)
    account = world.account.with_service(replace(world.service, locked=by_hand))
    back = replace(world.account, services=sold().account.services)

    assert None is locking.waits(account, GONE, deletes=False)
    assert None is locking.waits(back, GONE, deletes=False)


def test_what_came_from_a_backup_deletes_nothing_by_itself(lower):
    """C15: what unlocked it may have been said after the backup."""
    # Guard off (deleted all the same): red.
    lower.account = replace(lower.account, restored_at=on(6, 1))
    lower.hears(GONE)

    assert not any(done for _, done in lower.told.values())
    assert API in lower.account.data_waits


WORDS = st.lists(
    st.tuples(
        st.integers(0, 120),
        st.sampled_from(
            ["silver", "gold", "free", "unlimited", "coupon", "end", "back"]
        ),
    ),
    max_size=10,
)


@often
@given(WORDS)
def test_nothing_that_may_be_used_is_ever_deleted(words):
    """C15: and what is deleted was locked for 90 days, whatever happened before."""
    # Guard off (coupons do not count, or a date outlives its change): red.
    world, at, since, was = sold(), on(1, 1), None, False
    for no, (days, word) in enumerate(words):
        at += days * DAY
        lives(world, at, word, no)
        if not world.service.alive:
            since = None
            continue
        has = "api" in world.has("features")
        since = None if has else since or at
        done = dict(world.told).get(API, (at, False))[1]

        assert not (done and has)
        assert was or not done or at - since >= 90 * DAY
        was = done


def lives(world, at, word, no):
    if word == "coupon":
        coupon = Activation(f"c{no}", SERVICE, at, 3 * DAY, "gold", 30)
        acts = (*world.account.activations, coupon)
        world.account = replace(world.account, activations=acts)
        world.hears(at)
    elif word == "end":
        world.hears(at, terminate(at, id=f"end {no}"))
    elif word == "back":
        world.hears(at, told(Type.REINSTATE, at, id=f"back {no}"))
    else:
        world.hears(at, change(at, word, id=f"change {no}"))
