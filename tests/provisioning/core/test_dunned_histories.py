"""Where we dun ourselves: whatever is told, in any order and batch, ends the same.

Nobody tells of what follows while nothing is paid: it is reckoned. So a world that
heard all of it at the end must be as one that lived through it and was woken when it
was due.

Not promised of words after a revocation: what nobody got round to revoke, because
nothing ran, and is paid meanwhile was not revoked.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from provisioning.core.desired import desired
from provisioning.core.terms import Dunning
from tests.provisioning.core.test_histories_of_all import (
    BOUGHT,
    FIRST,
    SOLD,
    acting,
    changes,
    details,
    histories,
    in_order,
    life,
    money,
    months,
    parked,
    sums,
)
from tests.provisioning.core.world import World, change, on, terminate

SLOW = [HealthCheck.filter_too_much, HealthCheck.too_slow]
often = settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
HOUSE = Dunning(suspend=timedelta(days=3), revoke=timedelta(days=60))
DUNNED = replace(SOLD, terms=replace(SOLD.terms, dunning={"shop": HOUSE}))
END = datetime(2026, 9, 1, tzinfo=UTC)
LATE = datetime(2027, 6, 1, tzinfo=UTC)
WORDS = st.one_of(life, months, changes, money, details)
"""Not what is said for a period's end: said while none is paid for, it begins at once,
and so before an end that is heard of later."""

ends = st.sampled_from([on(6, 2), on(6, 10), END, LATE])


def at_once(batches, brought, end):
    """All of it is heard then, in whatever order."""
    world = World(catalog=DUNNED, balance=Decimal(0), at=end)
    for no, batch in enumerate(batches):
        world.hear(*{event.id: event for event in batch}.values())
        if brought[no % len(brought)]:
            world.bring()
    return retried(world)


def in_time(batches, end):
    """Each is heard as it happens, and all that is due by itself wakes it; and whether
    it ever heard a word of what was revoked."""
    late = False
    world = World(catalog=DUNNED, balance=Decimal(0), at=on(1, 1))
    for [event] in in_order(batches):
        woken(world, event.occurred_at)
        late |= any(service.revoked for service in world.account.services)
        world.at = max(world.at, event.occurred_at)
        world.hear(event)
        world.bring()
    woken(world, end)
    world.at = end
    return retried(world), late


def woken(world, until):
    for _ in range(200):
        due = min(world.plan().wakes.values(), default=None)
        if due is None or due > until:
            return
        world.at = due
        world.hear()
        world.bring()
    raise AssertionError("it wakes itself for ever")


def retried(world):
    """What was parked a person has heard again, as long as that helps."""
    world.bring()
    before = None
    while before != (before := parked(world)):
        world.hear(*before)
        world.bring()
    world.hear()
    return world


def stands(world):
    """How each service is, and what the backend has."""
    account = world.account
    should = desired(account, DUNNED, world.at)
    levels = should and (should.on, dict(should.entitlements))
    services = [(s.ref, s.alive, s.revoked, s.package) for s in account.services]
    return services, levels


@often
@given(histories(WORDS), acting, ends)
def test_heard_late_or_lived_through_it_ends_the_same(history, brought, end):
    """D27, I9: who paid is on, who did not is off, and after a while revoked."""
    # Guard off (a payment from before it does not take the note of it away): red.
    theirs, late = in_time(history, end)
    ours = at_once(history, brought, end)
    assume(not late)
    assume(not parked(ours))  # it did not say of which package, or how many: a person

    assert stands(theirs) == stands(ours)


@often
@given(histories(WORDS), acting, ends)
def test_what_it_shows_is_what_it_should_be(history, brought, end):
    """D29: the backend is left as it should be, and a second look finds nothing."""
    world = at_once(history, brought, end)
    should, todo = desired(world.account, DUNNED, end), world.plan()

    assert ((), ()) == (todo.levels, todo.flows)
    assert world.seen is None or world.seen.on == bool(should and should.on)


@often
@given(histories(WORDS), acting, ends)
def test_no_dunning_moves_money(history, brought, end):
    """V1: what was bought is the same, revoked or not."""
    ours, (theirs, _) = at_once(history, brought, end), in_time(history, end)

    assert sums(theirs, *BOUGHT) == sums(ours, *BOUGHT)


def test_nobody_who_never_paid_again_is_on_for_good():
    """I9: one month, sixty days more, and then nothing."""
    world, _ = in_time([[FIRST]], LATE)

    assert ([("shop:7", False, True, "basic")], None) == stands(world)


@pytest.mark.parametrize(("word", "revoked", "package"), [
    (terminate(on(1, 21)), False, "basic"),
    (replace(terminate(on(1, 21)), at_period_end=True), False, "basic"),
    (replace(change(on(1, 21)), at_period_end=True), True, "gold"),
])  # fmt: skip
def test_a_word_from_before_it_was_revoked_counts_as_if_it_had_been_heard(
    word, revoked, package
):
    """I9: what had ended by then was not revoked; nor, as it was, what had changed."""
    # Guard off (only a payment or a change at once takes the note away): red.
    late = at_once([[FIRST], [word]], [True], LATE)
    [service] = late.account.services

    assert (False, revoked, package) == (
        service.alive, service.revoked, service.package
    )  # fmt: skip
    assert stands(in_time([[FIRST], [word]], LATE)[0]) == stands(late)
