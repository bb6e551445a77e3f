"""The queue: the longest waiting first, one holder at a time, no wake-up lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.store import lanes, queues
from tests.engines import on_postgresql

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


# --- many lanes, many backends


@pytest.fixture
def change(database):
    """`change(lanes.wake, …)`: in a transaction of its own."""

    def change(act, *told, **how):
        with database.change() as tx:
            return act(tx, *told, **how)

    return change


@pytest.fixture
def four(change, at):
    """Two backends' lanes, another one's, and an intake, due one after the other."""
    lanes_ = {"a": "main", "b": "main", "c": "other", "intake:d": None}
    for no, (key, backend) in enumerate(lanes_.items()):
        change(lanes.wake, key, at + no * SECOND, backend)
    return at + 9 * SECOND


def keys(held):
    return sorted(lane.key for lane in held)


@pytest.mark.parametrize(
    ("how", "taken"),
    [
        ({}, ["a", "b", "c", "intake:d"]),
        ({"backend": "main"}, ["a", "b"]),
        ({"backend": None}, ["intake:d"]),
        ({"backend": "nobody's"}, []),
        ({"paused": ["main"]}, ["c", "intake:d"]),
        ({"paused": ["main", "other"]}, ["intake:d"]),
        ({"most": 2}, ["a", "b"]),
    ],
    ids=str,
)
def test_only_lanes_that_were_asked_for_are_taken(change, four, how, taken):
    """Of one backend, of none, or of all that are not paused; the oldest first."""
    # Guard off (CLAIM_ANY without `backend IS NULL`): red, NULL is in no list.
    held = change(lanes.claim, four, LEASE, **({"most": 9} | how))

    assert taken == keys(held)


@pytest.mark.parametrize(
    ("but", "seconds"),
    [([], 0), (["main"], 2), ([None], 0), (["main", "other"], 3), (["main", None], 2)],
    ids=str,
)
def test_the_next_due_leaves_out_those_nobody_has_a_place_for(
    change, four, at, but, seconds
):
    """A full backend's lanes do not keep the worker awake."""
    assert at + seconds * SECOND == change(lanes.next_due, but)


def test_the_queue_is_counted_by_backend(change, four, at):
    """What waits and is due; what is leased waits no more."""
    before = change(queues.queued, four)
    change(lanes.claim, four, LEASE, 1)
    change(lanes.claim, four, LEASE, 1, None)

    assert before == {
        "main": queues.Queue(2, at),
        "other": queues.Queue(1, at + 2 * SECOND),
        None: queues.Queue(1, at + 3 * SECOND),
    }
    assert {"main": 1, "other": 1} == {
        name: queue.count for name, queue in change(queues.queued, four).items()
    }
    assert {} == change(queues.queued, at - SECOND)


def test_what_a_backend_put_off_is_due_when_it_works_again(change, four, at):
    """What failed before; a look planned for later stays planned, as do the others'."""
    for held in change(lanes.claim, four, LEASE, 9):
        tries = 0 if held.key == "b" else 3
        change(lanes.release, held, due=four + LEASE, tries=tries)
    change(queues.due_now, "main", four)

    assert ["a"] == keys(change(lanes.claim, four, LEASE, 9))


def test_a_lane_learns_its_backend_once(change, at):
    """From whoever knows it first; a wake-up that does not know takes nothing away."""
    change(lanes.wake, "a", at)
    change(lanes.wake, "a", at, "main")
    change(lanes.wake, "a", at)

    assert ["main"] == [lane.backend for lane in change(lanes.claim, at, LEASE)]


def test_only_its_holder_says_whose_lane_it_is(change, at):
    """One that a version woke which knew no backends."""
    change(lanes.wake, "a", at)
    [lost] = change(lanes.claim, at, LEASE)
    change(lanes.reap, at + LEASE)
    [held] = change(lanes.claim, at + LEASE, LEASE)
    change(lanes.name, held, "main")

    with pytest.raises(lanes.Fenced):
        change(lanes.name, lost, "other")

    assert {} == change(queues.queued, at + LEASE)
    change(lanes.release, held, due=at + LEASE)
    assert ["main"] == list(change(queues.queued, at + LEASE))


@on_postgresql
def test_reaping_waits_for_nobody(change, database, at):
    """A late holder that is just writing has its lane; the others' leases are over."""
    # Guard off (REAP without SKIP LOCKED, as it was): red, and a deadlock with a commit
    # of two such lanes.
    for key in "ba":
        change(lanes.wake, key, at)
    late = {lane.key: lane for lane in change(lanes.claim, at, LEASE, 9)}
    with database.change() as writing:
        lanes.hold(writing, late["a"], at + 2 * LEASE)
        with database.change() as tx:
            tx.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
            assert 1 == lanes.reap(tx, at + LEASE)
        lanes.release(writing, late["a"], due=None)

    assert ["b"] == keys(change(lanes.claim, at + LEASE, LEASE, 9))
