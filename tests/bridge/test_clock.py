"""What time it is: what a person sets, a slow answer or a lost database cannot do."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bridge.clock import CLOSE, FRESH, Clock, Shared, clock_of
from bridge.store.database import Database
from tests.engines import on_postgresql, on_sqlite

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Hands:
    """A clock on the wall, and what ticks evenly behind it."""

    def __init__(self):
        self.shows, self.ticks = NOON, 100.0

    def wall(self):
        return self.shows

    def ticking(self):
        return self.ticks

    def pass_(self, seconds):
        self.shows += timedelta(seconds=seconds)
        self.ticks += seconds


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def clock(hands):
    return Clock(hands.wall, hands.ticking)


@pytest.mark.parametrize("jump", [3600, -3600, -86400])
def test_a_clock_somebody_sets_moves_no_lease(hands, clock, jump):
    """F-D1: the window that keeps money from being sent twice ends when it should."""
    # Guard off (now is the wall's): red.
    hands.shows += timedelta(seconds=jump)
    hands.pass_(5)

    assert NOON + 5 * SECOND == clock.now()
    assert NOON + timedelta(seconds=5 + jump) == clock.wall()


def test_it_goes_on_evenly(hands, clock):
    """F-D1: a second is a second."""
    moments = []
    for _ in range(3):
        moments.append(clock.now())
        hands.pass_(1)

    assert [NOON, NOON + SECOND, NOON + 2 * SECOND] == moments


# --- the database's


class Slow:
    """A database whose answers take as long as a test says, or that is gone."""

    def __init__(self, hands):
        self.hands, self.shows, self.takes, self.gone, self.asked = (
            hands, NOON, 0.0, False, 0,
        )  # fmt: skip

    @contextmanager
    def read(self):
        yield self

    def execute(self, _):
        self.asked += 1
        if self.gone:
            raise sa.exc.OperationalError("gone", None, Exception())
        self.hands.ticks += self.takes
        return self

    def scalar_one(self):
        return (self.shows - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
            microseconds=1
        )


@pytest.fixture
def database(hands):
    return Slow(hands)


@pytest.fixture
def shared(hands, database):
    return Shared(database, hands.ticking)


def test_it_is_the_databases_time_whatever_this_machine_says(hands, shared):
    """F-D1: on every machine the same."""
    hands.shows = NOON - timedelta(days=1)

    assert NOON == shared.now() == shared.wall()


def test_it_is_asked_again_only_after_a_while(hands, shared, database):
    """U8: not for every lease."""
    moments = [shared.now()]
    hands.pass_(FRESH - 1)
    moments.append(shared.now())
    asked = database.asked
    hands.pass_(2)
    database.shows = NOON + (FRESH + 1.5) * SECOND
    moments.append(shared.now())

    assert (1, 2) == (asked, database.asked)
    assert [NOON, NOON + (FRESH - 1) * SECOND, NOON + (FRESH + 1.5) * SECOND] == moments


def test_a_database_that_is_gone_does_not_stop_the_time(hands, shared, database):
    """F-E1: what is known goes on ticking."""
    # Guard off (the failure is raised): red.
    shared.now()
    database.gone = True
    hands.pass_(FRESH * 6)

    assert NOON + FRESH * 6 * SECOND == shared.now()


def test_a_database_that_never_answered_gives_no_time(shared, database):
    """F-E1: nothing is known; whoever asks tries again."""
    database.gone = True
    with pytest.raises(sa.exc.OperationalError):
        shared.now()
    database.gone = False

    assert NOON == shared.now()


def test_an_answer_that_took_long_changes_nothing(hands, shared, database):
    """F-D1: nobody knows when it was right; the first of all is better than none."""
    # Guard off (every answer counts): red.
    shared.now()
    hands.pass_(FRESH + 1)
    database.shows, database.takes = NOON + timedelta(hours=1), CLOSE * 2

    assert NOON + (FRESH + 1 + CLOSE * 2) * SECOND == shared.now()


def test_how_long_it_took_to_connect_says_nothing_of_the_time(
    hands, shared, database, monkeypatch
):
    """F-D1: four seconds to connect put it no two seconds ahead of the others."""

    @contextmanager
    def slowly():
        hands.pass_(4)
        yield database

    monkeypatch.setattr(database, "read", slowly)

    # Guard off (counted from before it was connected): red.
    assert NOON == shared.now()


def test_a_first_answer_that_took_long_is_asked_for_again(hands, shared, database):
    """F-D1: the best of a few; one as slow as that could be seconds wrong."""
    taking = [8.0, 3.0, 0.0]

    def execute(_):
        hands.pass_(taking.pop(0))
        database.shows = hands.shows
        return database

    database.execute = execute

    # Guard off (the first answer counts, however slow): red.
    assert NOON + 11 * SECOND == shared.now()
    assert [] == taking


def test_the_moment_is_that_of_the_middle_of_the_question(hands, shared, database):
    """F-D1: half of the way there, half back."""
    database.takes = 0.4

    assert NOON + 0.2 * SECOND == shared.now()


def test_who_reads_it_while_it_is_set_sees_before_or_after(hands, shared, database):
    """F-D1: never half of each: that would be ten seconds off, and end a lease."""
    # Guard off (two fields, written one after the other): red.
    shared.now()
    hands.pass_(FRESH - 1)
    database.shows = NOON + (FRESH - 1) * SECOND
    real, left = shared._ticking, [1]

    def meanwhile():
        ticks = real()
        if left:
            left.pop()
            # Another thread asks the database between two of our steps.
            shared._set()
        return ticks

    shared._ticking = meanwhile

    assert NOON + (FRESH - 1) * SECOND == Clock.now(shared)


@on_postgresql
def test_two_machines_have_one_time(rig):
    """F-D1: each asks the same server."""
    other = Database(rig.parts.config.database)
    one, two = clock_of(rig.database), clock_of(other)
    apart = abs(one.now() - two.now())
    other.close()

    assert isinstance(one, Shared)
    assert apart < timedelta(seconds=0.2)
    assert abs(one.now() - datetime.now(UTC)) < timedelta(seconds=1)


@on_sqlite
def test_one_machine_has_its_own(rig):
    """U8: nobody to ask."""
    assert type(clock_of(rig.database)) is Clock
