"""Attempts: one in flight an account, ended once, and remembered for what follows."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from bridge.store import attempts
from bridge.store.attempts import Attempt, Live, State
from bridge.store.questions import Answer

SECOND = timedelta(seconds=1)


@pytest.fixture
def tried(at, keep):
    """An attempt of an account that is there."""
    keep()
    return Attempt("acct_1", 1, "change", {}, at, at, at + 60 * SECOND)


@pytest.fixture
def began(database, tried):
    """`began(verb="grant")`: on record; its id."""

    def began(**more):
        with database.change() as tx:
            return attempts.begin(tx, replace(tried, **more))

    return began


@pytest.fixture
def ended(database, at):
    def ended(id_, state, when=at, **more):
        with database.change() as tx:
            attempts.end(tx, id_, state, "seen", when, **more)

    return ended


@pytest.fixture
def live(database):
    def live(*ids):
        with database.read() as tx:
            return attempts.live(tx, ids).read()

    return live


def asked(database, act, *told):
    with database.read() as tx:
        found = act(tx, *told)
        return found.read() if isinstance(found, Answer) else found


def test_one_is_in_flight(began):
    """V2: the database refuses a second one on the same account."""
    # Guard off (no unique index): red.
    began()

    with pytest.raises(sa.exc.IntegrityError):
        began(verb="grant")


@pytest.mark.parametrize(
    "state", [s for s in State if s not in (*attempts.OPEN, State.PERSON)]
)
def test_what_has_ended_does_not_end_again(began, ended, state):
    """Not even the same way: who comes second knew too little."""
    id_ = began()
    ended(id_, state)

    with pytest.raises(LookupError, match=f"attempt {id_} is closed already"):
        ended(id_, State.DONE)


def test_unsure_is_still_in_flight_and_may_be_said_again(began, ended, live):
    """What was answered stays known when nothing new is said."""
    id_ = began()
    ended(id_, State.UNSURE, said="yes")
    ended(id_, State.UNSURE)
    flying = live("acct_1")["acct_1"].in_flight

    assert (id_, State.UNSURE, "yes") == (flying.id, flying.state, flying.said)


def test_what_still_matters_of_an_account_is_told_apart(began, ended, live):
    """In flight, with a person, overtaken; what is over is none of them."""
    ended(over := began(), State.DONE)
    ended(first := began(verb="grant"), State.PERSON)
    ended(second := began(), State.OVERTAKEN)
    ended(third := began(), State.OVERTAKEN)
    fourth = began()
    found = live("acct_1", "acct_9")

    assert {"acct_1"} == set(found)
    known = found["acct_1"]
    assert (first, fourth) == (known.person.id, known.in_flight.id)
    assert [second, third] == [one.id for one in known.overtaken]
    assert over not in {first, second, third, fourth}


def test_a_person_has_one_at_a_time(began, ended):
    """V2: two unsure sums of one account could not be told apart by its balance."""
    ended(began(), State.PERSON)

    with pytest.raises(sa.exc.IntegrityError):
        ended(began(), State.PERSON)


def test_the_next_look_is_the_first_window_to_end(tried, at):
    """Of what is in flight, or overtaken and still open; a person is not waited for."""
    late = replace(tried, settled_from=at + 90 * SECOND)
    over = replace(tried, settled_from=at)

    assert at + 60 * SECOND == Live(tried, None, (late, over)).next_look(at)
    assert at + 90 * SECOND == Live(None, tried, (late, over)).next_look(at)
    assert Live(None, tried, (over,)).next_look(at) is None


def test_the_caps_of_then_are_those_seen_and_those_written(began, ended, database, at):
    """Older ones, and those of sums' own steps, say nothing."""
    long_ago, now = {"send_before": at - SECOND}, {"send_before": at}
    wrote = {"entitlements": {"channels": 9}}
    for how in (
        long_ago | {"channels": 99},
        now | {"channels": 5},
        now | {"channels": None, "step": wrote},
        now | {"channels": 7, "verb": "grant", "step": {"amount": "5"}},
    ):
        ended(began(**how), State.DONE)

    assert [5, 7, 9] == sorted(asked(database, attempts.caps, "acct_1", at))
    assert [] == asked(database, attempts.caps, "acct_2", at)


def test_the_last_balance_is_that_of_the_last_proven_write(began, ended, database, at):
    """And when it was seen; what ended without one is passed over."""
    assert asked(database, attempts.last_balance, "acct_1") is None

    for no, after in enumerate(("5.000001", "7", None)):
        when = at + no * SECOND
        ended(began(), State.DONE, when, after=Decimal(after) if after else None)

    assert (Decimal(7), at + SECOND) == asked(database, attempts.last_balance, "acct_1")
