"""What all machines know of a backend: pauses, who asks again, and turns to call."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bridge.store import backends
from bridge.store.backends import Pause

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def change(database):
    """`change(backends.pause, …)`: in a transaction of its own."""

    def change(act, *told, **how):
        with database.change() as tx:
            return act(tx, *told, **how)

    return change


@pytest.fixture
def pause(change, at):
    def pause(name="main", until=None, because="it failed", *, by_hand=False):
        until = until or at + MINUTE
        change(backends.pause, name, until, because, by_hand=by_hand)
        return Pause(until, because, by_hand)

    return pause


def test_a_pause_is_known_to_all_until_it_ends(pause, change):
    """Nothing is known of one that nobody paused."""
    told = pause()

    assert {"main": told} == change(backends.paused)
    assert change(backends.resume, "main", by_hand=False)
    assert {} == change(backends.paused)
    assert not change(backends.resume, "main", by_hand=False)


def test_paused_again_it_is_the_later_word(pause, change, at):
    """Longer and longer while it goes on."""
    pause()
    again = pause(until=at + 2 * MINUTE, because="still")

    assert {"main": again} == change(backends.paused)


def test_what_a_person_said_is_not_overruled(pause, change):
    """Neither paused anew nor ended, except by a person."""
    # Guards off (no `~by_hand` in pause; in resume): red, each.
    told = pause(because="upgrade", by_hand=True)
    pause(because="it failed")

    assert {"main": told} == change(backends.paused)
    assert not change(backends.resume, "main", by_hand=False)
    assert change(backends.resume, "main", by_hand=True)
    assert {} == change(backends.paused)


def test_a_person_overrules(pause, change):
    """Their pause stands in place of ours."""
    pause()
    told = pause(because="upgrade", by_hand=True)

    assert {"main": told} == change(backends.paused)


def test_one_process_is_told_to_ask_again(pause, change, at):
    """Only when its time has come, and until the next time nobody else."""
    pause()
    pause("other", at + 9 * MINUTE)
    early = change(backends.to_probe, at, at + MINUTE)
    first = change(backends.to_probe, at + MINUTE, at + 2 * MINUTE)
    second = change(backends.to_probe, at + MINUTE, at + 2 * MINUTE)
    next_time = change(backends.to_probe, at + 2 * MINUTE, at + 3 * MINUTE)

    assert [[], ["main"], [], ["main"]] == [early, first, second, next_time]


def test_a_pause_by_hand_ends_by_itself_and_is_not_probed(pause, change, at):
    """A person said until when: then it simply goes on."""
    pause(by_hand=True)

    assert [] == change(backends.to_probe, at + MINUTE, at + 2 * MINUTE)
    assert ["main"] == change(backends.end_by_hand, at + MINUTE)
    assert {} == change(backends.paused)


def test_turns_follow_each_other(change, at):
    """Each reservation begins where the one before it ends."""
    told = [change(backends.reserve, "main", at, 4, SECOND) for _ in range(3)]

    assert [at, at + 4 * SECOND, at + 8 * SECOND] == told


def test_turns_that_went_by_unused_are_not_saved_up(change, at):
    """After a pause it begins anew, with no burst."""
    # Guard off (no case: always after the last): red.
    change(backends.reserve, "main", at, 4, SECOND)

    assert at + MINUTE == change(backends.reserve, "main", at + MINUTE, 4, SECOND)


def test_a_paused_backend_has_turns_of_its_own(pause, change, at):
    """Its row was there before the first call; neither forgets the other."""
    told = pause()

    assert at == change(backends.reserve, "main", at, 2, SECOND)
    assert at + 2 * SECOND == change(backends.reserve, "main", at, 2, SECOND)
    assert {"main": told} == change(backends.paused)


def test_the_same_turn_is_never_given_twice(change, at):
    """Eight at once: as many calls as were reserved, and no more."""
    start = threading.Barrier(8)

    def reserve(_):
        start.wait(20)
        return [change(backends.reserve, "main", at, 3, SECOND) for _ in range(5)]

    with ThreadPoolExecutor(8) as threads:
        told = [turn for turns in threads.map(reserve, range(8)) for turn in turns]

    assert [at + 3 * no * SECOND for no in range(40)] == sorted(told)
