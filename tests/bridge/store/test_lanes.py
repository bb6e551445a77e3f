"""The queue: the longest waiting first, one holder at a time, no wake-up lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bridge.store import lanes

LEASE = timedelta(seconds=30)
SECOND = timedelta(seconds=1)


@pytest.fixture
def wake(database):
    def wake(key, at):
        with database.change() as tx:
            lanes.wake(tx, key, at)

    return wake


@pytest.fixture
def claim(database):
    def claim(at):
        with database.change() as tx:
            lanes.reap(tx, at)
            return next(iter(lanes.claim(tx, at, LEASE)), None)

    return claim


@pytest.fixture
def release(database):
    def release(held, **how):
        with database.change() as tx:
            lanes.release(tx, held, **{"due": None} | how)

    return release


def next_due(database):
    with database.read() as tx:
        return lanes.next_due(tx)


def test_the_lane_that_waited_longest_comes_first(wake, claim, at):
    """Nobody is overtaken for ever."""
    for no, key in enumerate(("c", "a", "b")):
        wake(key, at + no * SECOND)

    assert ["c", "a", "b"] == [claim(at + LEASE).key for _ in range(3)]


def test_a_scheduled_lane_is_not_taken_early(wake, claim, at):
    """Due is due: a moment before it there is nothing to do."""
    wake("a", at + SECOND)

    assert claim(at + SECOND - timedelta(microseconds=1)) is None
    assert "a" == claim(at + SECOND).key


def test_a_leased_lane_is_nobody_elses(wake, claim, at):
    """V8: one holder at a time, even when it is woken meanwhile."""
    wake("a", at)
    claim(at)
    wake("a", at)

    assert claim(at + LEASE - SECOND) is None


def test_a_lease_that_ran_out_is_due_by_itself(wake, claim, at):
    """A dead worker's lane is taken by the next one, and the token has grown."""
    wake("a", at)
    first = claim(at)
    second = claim(at + LEASE)

    assert "a" == second.key
    assert first.token < second.token


def test_what_is_done_is_not_due(wake, claim, release, at, database):
    """Released without a time, a lane sleeps until it is woken."""
    wake("a", at)
    release(claim(at))

    assert claim(at + 2 * LEASE) is None
    assert next_due(database) is None


def test_a_wake_up_while_leased_is_not_lost(wake, claim, release, at):
    """U1: an event that comes in while its lane is worked on is seen after it."""
    wake("a", at)
    held = claim(at)
    wake("a", at + SECOND)
    release(held)

    assert "a" == claim(at + SECOND).key


@pytest.mark.parametrize(("woken", "due"), [(1, 9), (9, 1)])
def test_release_keeps_the_earlier_of_two_times(
    wake, claim, release, at, database, woken, due
):
    """Neither a wake-up nor a scheduled look is pushed back by the other."""
    wake("a", at)
    held = claim(at)
    wake("a", at + woken * SECOND)
    release(held, due=at + due * SECOND)

    assert at + SECOND == next_due(database)


def test_waking_twice_keeps_the_earlier_time(wake, database, at):
    """A later reason to look does not postpone an earlier one."""
    for seconds in (5, 1, 9):
        wake("a", at + seconds * SECOND)

    assert at + SECOND == next_due(database)


@pytest.mark.parametrize(
    "act",
    [
        lambda tx, lost, at: lanes.hold(tx, lost, at + 3 * LEASE),
        lambda tx, lost, _: lanes.release(tx, lost, due=None),
    ],
    ids=["hold", "release"],
)
def test_who_lost_the_lane_can_neither_hold_nor_release_it(
    wake, claim, release, database, at, act
):
    """F-A5: the token says whose it is, not the clock."""
    # Guard off (no token in the WHERE): red.
    wake("a", at)
    lost = claim(at)
    holder = claim(at + LEASE)

    with pytest.raises(lanes.Fenced), database.change() as tx:
        act(tx, lost, at)

    release(holder)


def test_holding_extends_the_lease(wake, claim, database, at):
    """Long work keeps its lane by proving, in each commit, that it still has it."""
    wake("a", at)
    held = claim(at)
    with database.change() as tx:
        lanes.hold(tx, held, at + 2 * LEASE)

    assert claim(at + LEASE) is None
    assert at + 2 * LEASE == held.lease_until


def test_failures_in_a_row_are_counted_until_one_goes_well(wake, claim, release, at):
    """How long it has been failing is remembered by the lane, not by the worker."""
    wake("a", at)
    tries = []
    for no in range(3):
        held = claim(at + no * SECOND)
        tries.append((held.tries, held.failing_since))
        release(held, due=at, tries=no + 1, failing_since=at)
    last = claim(at + 9 * SECOND)
    release(last, due=at)

    assert [(0, None), (1, at), (2, at)] == tries
    assert (0, None) == (claim(at).tries, None)


def test_at_the_start_of_the_only_process_every_lease_is_over(
    wake, claim, database, at
):
    """Whoever held one was the process before; its lanes are taken at once."""
    wake("a", at)
    claim(at)
    with database.change() as tx:
        lanes.free_all(tx, at + SECOND)

    assert "a" == claim(at + SECOND).key


def test_four_at_once_never_take_the_same_lane(wake, claim, at):
    """F-F1: forty lanes, four threads, each lane once."""
    for no in range(40):
        wake(f"lane {no}", at)

    def take_all(_):
        taken = []
        while held := claim(at):
            taken.append(held.key)
        return taken

    with ThreadPoolExecutor(4) as threads:
        taken = [key for keys in threads.map(take_all, range(4)) for key in keys]

    assert sorted(f"lane {no}" for no in range(40)) == sorted(taken)
