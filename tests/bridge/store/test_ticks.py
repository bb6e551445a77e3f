"""Whose turn it is: one at a time, one an interval, whoever asks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bridge.store import ticks

EVERY, LEASE = timedelta(minutes=10), timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def take(database, at):
    with database.change() as tx:
        ticks.keep(tx, ["watch"], at)

    def take(at):
        with database.change() as tx:
            return ticks.take(tx, "watch", at, EVERY, LEASE)

    return take


@pytest.fixture
def end(database):
    def end(turn, at, said=None):
        with database.change() as tx:
            if said:
                return ticks.failed(tx, turn, said, at)
            return ticks.ran(tx, turn, at)

    return end


def kept(database):
    with database.read() as tx:
        [one] = ticks.all_kept(tx)
    return one


def test_one_turn_an_interval(take, end, at):
    """Due at once, and again when the interval is over, not a moment before."""
    end(take(at), at)

    assert take(at + EVERY - SECOND) is None
    assert take(at + EVERY) is not None


def test_of_many_at_once_one_has_the_turn(take, at):
    """U4: N processes, one run an interval."""
    # Guard off (no condition in the UPDATE): red.
    with ThreadPoolExecutor(8) as threads:
        turns = list(threads.map(lambda _: take(at), range(8)))

    assert 1 == sum(turn is not None for turn in turns)


def test_a_turn_that_lasts_is_nobody_elses(take, at, database):
    """However often it comes due meanwhile, it does not run twice at once."""
    turn = take(at)
    for no in range(1, 30):
        with database.change() as tx:
            assert ticks.hold(tx, turn, at + no * LEASE + LEASE)
        assert take(at + no * LEASE) is None


def test_who_died_in_it_has_lost_it(take, end, at):
    """Another takes over when the lease is out, and what the dead one says is void."""
    # Guard off (no token in the WHERE): red.
    lost = take(at)

    assert take(at + LEASE - SECOND) is None
    again = take(at + LEASE)
    assert lost.token + 1 == again.token
    assert not end(lost, at + LEASE)
    assert end(again, at + LEASE)


def test_a_renewal_that_comes_too_late_holds_nothing(take, end, at, database):
    """Its tick ended between two looks: the next turn must not wait for a lease."""
    # Guard off (no look at the lease): red.
    turn = take(at)
    end(turn, at)
    with database.change() as tx:
        assert not ticks.hold(tx, turn, at + 9 * EVERY)

    assert take(at + EVERY) is not None


def test_what_was_missed_is_one_turn(take, end, at):
    """A night without any process is not made up for a hundred times."""
    late = at + 100 * EVERY
    end(take(late), late)

    assert take(late + SECOND) is None


def test_it_is_on_record_when_it_ran_and_why_it_did_not(take, end, at, database):
    """The last error stands until it ends well again."""
    end(take(at), at, said="no")
    failed = kept(database)
    end(take(at + EVERY), at + EVERY)
    ran = kept(database)

    assert (None, at, "no") == (failed.ran_at, failed.failed_at, failed.said)
    assert (at + EVERY, at, None) == (ran.ran_at, ran.failed_at, ran.said)


def test_a_start_leaves_what_is_on_record(take, end, at, database):
    """Every process registers the ticks; due stays due, ran stays ran."""
    end(take(at), at)
    before = kept(database)
    with database.change() as tx:
        ticks.keep(tx, ["watch"], at + SECOND)

    assert before == kept(database)
