"""Extra capacity: when it was bought, what the plans allow, what is trimmed of it."""

from copy import copy
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core import acting, capacity
from provisioning.core.account import Service
from provisioning.core.bought import taken
from provisioning.core.dues import What
from provisioning.core.effective import From
from provisioning.core.events import Type
from provisioning.core.kept import Extra
from provisioning.core.splice import Activation
from provisioning.core.umbrellas import Acting
from tests.provisioning.core.roomy import ROOMY, sold
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

STORAGE = "storage_gb"
DOWN = on(4, 1)
TRIM = DOWN + 7 * DAY


def with_extras(at, product="gold", **many):
    return change(at, product, extras=tuple(many.items()))


def bought(world):
    return [
        (extra.many, extra.at, dict(extra.trimmed)) for extra in world.service.bought
    ]


@pytest.fixture
def full():
    """Gold, beside which 4, 5 and 6 GB were bought in three months."""
    world = sold()
    for month, total in ((2, 4), (3, 9), (3, 15)):
        day = month if total < 10 else 20
        world.hears(on(month, day), with_extras(on(month, day), gigabyte=total))
    return world


def down(world, product="silver"):
    world.hears(DOWN, change(DOWN, product))


def test_each_purchase_has_its_own_moment(full):
    """C14: the oldest is known as such."""
    # Guard off (one purchase, of the last word): red.
    assert [(4, on(2, 2), {}), (5, on(3, 3), {}), (6, on(3, 20), {})] == bought(full)
    assert 65 == full.has(STORAGE)


def test_purchases_told_together_are_two():
    """C14: however late a platform tells of them."""
    # Guard off (counted once a plan): red.
    world = sold()
    words = [with_extras(on(2, day), gigabyte=n) for day, n in ((1, 4), (9, 9))]
    world.hears(on(2, 10), *words)

    assert [(4, on(2, 1), {}), (5, on(2, 9), {})] == bought(world)


def test_what_began_and_what_was_bought_after_it_are_two():
    """C14: heard of together, each has its own moment."""
    # Guard off (not counted between the two): red, nine at ten o'clock.
    world, ends = sold(), on(12, 31)
    later = replace(with_extras(on(3, 1), gigabyte=3), at_period_end=True)
    more = with_extras(on(12, 31, 10), gigabyte=9)
    world.hears(on(12, 31, 12), later, more)

    assert [(3, ends, {}), (6, on(12, 31, 10), {})] == bought(world)


def test_above_the_limit_is_trimmed_after_seven_days_oldest_first(full):
    """C14, D9: 4+5+6 on a limit of 10 is 0+4+6; until then all of it is there."""
    # Guard off (trimmed at once): red. Guard off (never trimmed): red.
    down(full)
    before = full.has(STORAGE)
    full.hears(TRIM - timedelta(seconds=1))
    still = full.has(STORAGE)
    full.hears(TRIM)

    assert (20, 20, 15) == (before, still, full.has(STORAGE))
    assert [{STORAGE: 4}, {STORAGE: 1}, {}] == [off for _, _, off in bought(full)]
    assert {} == full.account.over


def test_who_is_within_the_limit_again_is_not_trimmed(full):
    """C14: some are ended, or a plan that allows it is bought, in time."""
    # Guard off (once begun it is not looked at again): red.
    down(full)
    fewer = copy(full)
    fewer.hears(on(4, 5), with_extras(on(4, 5), "silver", gigabyte=10))
    full.hears(on(4, 5), change(on(4, 5), "unlimited"))
    over = fewer.account.over, full.account.over
    fewer.hears(TRIM)
    full.hears(TRIM)

    assert ({}, {}) == over
    assert (15, 65) == (fewer.has(STORAGE), full.has(STORAGE))
    assert [4, 6] == [many for many, _, _ in bought(fewer)]
    assert all(not off for _, _, off in bought(full) + bought(fewer))


def test_ending_some_ends_what_was_trimmed_first(full):
    """C14: the platform ends the five of fifteen that were taken: ten are left."""
    # Guard off (what was trimmed is taken off the rest too): red, 9 are left.
    down(full)
    full.hears(TRIM)
    full.hears(on(4, 10), with_extras(on(4, 10), "silver", gigabyte=10))

    assert [(4, on(3, 3), {}), (6, on(3, 20), {})] == bought(full)
    assert 15 == full.has(STORAGE)


def test_what_was_trimmed_does_not_come_back_with_a_better_plan(full):
    """C14: it is removed; who wants it again buys it again."""
    down(full)
    full.hears(TRIM)
    full.hears(on(4, 10), change(on(4, 10), "gold"))
    again = full.has(STORAGE)
    full.hears(on(4, 11), with_extras(on(4, 11), gigabyte=16))

    assert (60, 61) == (again, full.has(STORAGE))


def test_the_owner_is_told_at_once_on_day_five_and_on_day_seven(full):
    """D9: as due values, which wake the account and can be read."""
    down(full)
    due = [d for d in acting.dues(full.account, full.service, ROOMY)
           if d.what in {What.WARN_CAPACITY, What.TRIM}]  # fmt: skip
    wakes = full.plan().wakes.values()

    assert [DOWN, on(4, 6), TRIM, TRIM] == [d.at for d in due]
    assert {on(4, 6), TRIM} <= set(wakes)
    assert {f"{SERVICE}/{STORAGE}"} == {d.of for d in due}


def test_to_free_no_extra_is_allowed(full):
    """C14: all of it goes, and what is kept by it is locked then (C15)."""
    down(full, "free")
    full.hears(TRIM)

    assert 0 == full.has(STORAGE)
    assert TRIM == full.locks[STORAGE]


def test_off_for_a_while_it_is_trimmed_late_and_once(full):
    """D9: nobody was there on the day; then it is done, and no more than that."""
    down(full)
    full.hears(on(6, 1))
    full.hears(on(6, 2))

    assert 15 == full.has(STORAGE)


def test_a_downgrade_heard_of_late_leaves_the_owner_his_days(full):
    """D9: he was not told before."""
    # Guard off (counted from the word however old): red, trimmed at once.
    full.hears(on(4, 20), change(DOWN, "silver"))
    at_once = full.has(STORAGE)
    full.hears(on(4, 26))

    assert (20, 15) == (at_once, full.has(STORAGE))


def test_a_coupon_that_allows_more_puts_it_off(full):
    """C14, B3: technically the better plan; when it ends, the seven days begin anew."""
    # Guard off (only the plan is asked): red.
    down(full)
    coupon = Activation("c", SERVICE, on(4, 3), 30 * DAY, "unlimited", 10)
    full.account = replace(full.account, activations=(coupon,))
    full.hears(on(4, 3))
    during = full.has(STORAGE), full.account.over
    ends = on(4, 3) + 30 * DAY
    full.hears(ends)
    full.hears(ends + 7 * DAY)

    assert (65, {}) == during
    assert 15 == full.has(STORAGE)


def test_an_umbrella_that_allows_more_counts_too(full):
    """C14, S4: the better of what acts."""
    down(full)
    over = Acting("guest", on(4, 2), on(8, 1))
    full.account = replace(full.account, umbrellas=(over,))
    full.hears(on(4, 2))
    full.hears(TRIM)

    assert {} == full.account.over
    assert 65 == full.has(STORAGE)


def test_an_addon_that_is_a_service_of_its_own_is_a_purchase():
    """C2, C14: pooled over the account, however it was bought."""
    world = sold()
    world.account = world.account.with_service(Service("shop:8", "five"))
    own = activate(on(2, 1), product="five", service="shop:8", line="shop:8-1",
                   quantity=2, starts=on(2, 1))  # fmt: skip
    world.hears(on(2, 1), own)
    world.hears(on(3, 1), with_extras(on(3, 1), gigabyte=6))
    down(world)
    world.hears(TRIM)
    addon = world.account.service("shop:8")

    assert (15, 114) == (world.has(STORAGE), world.has("documents") + 94)
    assert {STORAGE: 6} == taken(addon, ROOMY)
    assert {} == taken(world.service, ROOMY)


def test_two_plans_allow_what_both_do():
    """C14: pooled; and where one allows any, none is too much."""
    world = sold("silver")
    world.account = world.account.with_service(Service("shop:8", "gold"))
    world.hears(on(2, 1), activate(on(2, 1), product="gold", service="shop:8",
                                   line="shop:8-1", starts=on(2, 1)))  # fmt: skip
    both = capacity.limits(world.account, ROOMY, on(2, 1))
    world.hears(on(2, 2), change(on(2, 2), "unlimited", service="shop:8"))

    assert {STORAGE: 30} == both
    assert {} == capacity.limits(world.account, ROOMY, on(2, 2))


def test_what_has_ended_is_neither_counted_nor_trimmed(full):
    """D26: it has a retention of its own; brought back, its days begin anew."""
    down(full)
    full.hears(on(4, 2), terminate(on(4, 2)))
    full.hears(TRIM + DAY)
    kept = bought(full)
    back = on(5, 1)
    full.hears(back, told(Type.REINSTATE, back))
    at_once = full.has(STORAGE)
    full.hears(back + 7 * DAY)

    assert all(not off for _, _, off in kept)
    assert (20, 15) == (at_once, full.has(STORAGE))


def test_a_suspended_service_is_trimmed_as_well(full):
    """D29: what it may use stays reckoned, so that it resumes as it is to be."""
    down(full)
    full.hears(on(4, 2), suspend(on(4, 2)))
    full.hears(TRIM)

    assert 15 == full.has(STORAGE)


def test_an_adopted_account_that_is_only_looked_at_is_not_trimmed(full):
    """C14: what was above the limit before us is told its owner first."""
    # Guard off (trimmed all the same): red.
    full.account = replace(full.account, observed_at=on(3, 31))
    down(full)
    full.hears(TRIM)
    full.account = replace(full.account, observed_at=None)
    full.hears(TRIM + DAY)

    assert {STORAGE: TRIM + DAY} == full.account.over
    assert all(not off for _, _, off in bought(full))


def test_what_is_scheduled_is_bought_when_it_begins():
    """C14: said in March, and had from April on."""
    world = sold()
    later = replace(with_extras(on(3, 1), gigabyte=3), at_period_end=True)
    world.hears(on(3, 1), later)
    ends = on(12, 31)
    world.hears(ends)

    assert [(3, ends, {})] == bought(world)


def test_the_limits_explain_what_was_trimmed(full):
    """C14: each limit still adds up to what its sources say."""
    down(full)
    coupon = Activation("c", SERVICE, on(4, 20), DAY, "silver", 50)
    full.account = replace(full.account, activations=(coupon,))
    full.hears(TRIM)
    limits = acting.explained(full.account, full.service, ROOMY, TRIM)
    [storage] = [limit for limit in limits if limit.name == STORAGE]

    assert [From.PLAN, From.ADDON, From.TRIMMED] == [s.what for s in storage.sources]
    assert 15 == storage.value == sum(s.value for s in storage.sources)


def test_a_smaller_addon_is_never_less_than_nothing(full):
    """C14: what it holds was changed after it was trimmed."""
    down(full)
    full.hears(TRIM)
    smaller = replace(ROOMY.packages["gigabyte"], entitlements={"documents": 1})
    catalog = replace(ROOMY, packages={**ROOMY.packages, "gigabyte": smaller})

    assert {STORAGE: 0} == taken(full.service, catalog)
    assert () == capacity.purchases(full.account, STORAGE, catalog)


def test_what_holds_no_capacity_is_no_purchase():
    """C14: features and channels are not trimmed."""
    world = sold()
    world.hears(on(2, 1), with_extras(on(2, 1), archive=1, support=2))

    assert () == world.service.bought


def test_an_addon_nobody_knows_any_more_is_left_alone(full):
    """C14: of what is gone from the catalog nobody can tell what it holds."""
    packages = {n: p for n, p in ROOMY.packages.items() if n != "gigabyte"}
    gone = replace(ROOMY, packages=packages)

    assert full.account == capacity.counted(full.account, gone, DOWN)
    assert () == capacity.purchases(full.account, STORAGE, gone)
    assert {} == taken(full.service, gone)


def test_a_plan_nobody_knows_any_more_allows_any(full):
    """C14: nothing is taken on a guess."""
    down(full)
    packages = {n: p for n, p in ROOMY.packages.items() if n != "silver"}

    assert {} == capacity.limits(full.account, replace(ROOMY, packages=packages), TRIM)


def test_a_purchase_of_before_we_counted_has_the_moment_of_its_last_word():
    """C14: a service that another version kept has add-ons and no purchases."""
    world = sold()
    world.hears(on(2, 1), with_extras(on(2, 1), gigabyte=3))
    bare = replace(world.service, bought=())
    unmarked = replace(bare, marks={})
    account = world.account

    for service, at in ((bare, on(2, 1)), (unmarked, on(3, 1))):
        after = capacity.counted(account.with_service(service), ROOMY, on(3, 1))
        assert (Extra("gigabyte", 3, at),) == after.service(SERVICE).bought


ORDERS = st.lists(
    st.tuples(
        st.integers(1, 9), st.integers(0, 30),
        st.sampled_from(["silver", "gold", "free", "unlimited"]),
    ),
    max_size=8,
)  # fmt: skip


@often
@given(ORDERS)
def test_it_never_holds_more_than_was_bought_nor_less_than_is_allowed(words):
    """C14: whatever is bought, ended, upgraded and downgraded, for however long."""
    # Guard off (trims are added up again by the next plan): red.
    world, at = sold(), on(1, 1)
    for days, many, product in words:
        at += days * DAY
        extras = (("gigabyte", many),)
        world.hears(at, change(at, product, extras=extras if many % 3 else None))
        told_ = dict(world.service.extras).get("gigabyte", 0)
        left = sum(p.units for p in capacity.purchases(world.account, STORAGE, ROOMY))
        most = capacity.limits(world.account, ROOMY, at).get(STORAGE, told_)

        assert told_ == sum(extra.many for extra in world.service.bought)
        assert 0 <= left <= told_
        assert left <= most or STORAGE in world.account.over
        trimmed = sum(dict(e.trimmed).get(STORAGE, 0) for e in world.service.bought)
        assert told_ == left + trimmed
