"""The scheduler looks, the row decides: one run an interval, whatever happens to us."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from datetime import time as clock_time

import pytest

from bridge.clock import Clock
from bridge.store import ticks as rows
from bridge.ticks import Daily, Tick, Ticks
from provisioning.core.outcomes import Later

EVERY, LEASE = timedelta(hours=1), timedelta(seconds=60)


@pytest.fixture
def ticking(database, clock):
    """`ticking(run)`: a process of our own that ticks; stopped at the end."""
    made = []

    def ticking(run, every=EVERY, lease=LEASE, clock=clock):
        ticks = Ticks(database, clock, [Tick("t", every, run)], lease)
        made.append(ticks)
        return ticks

    yield ticking
    for ticks in made:
        assert ticks.stop(within=5)


def kept(database):
    with database.read() as tx:
        [one] = rows.all_kept(tx)
    return one


def until(true, within=20.0):
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within, "it did not come to pass"
        time.sleep(0.01)


def test_three_schedulers_are_one_run_an_interval(ticking, database, clock):
    """U4: all look, one runs; an interval on, one runs again."""
    # Guard off (`_open` always true): red.
    ran = []
    for _ in range(3):
        ticking(ran.append, every=timedelta(seconds=4)).start()
    until(lambda: len(ran) == 1)
    time.sleep(0.3)
    first = len(ran)
    clock.ahead += timedelta(seconds=30)
    until(lambda: len(ran) >= 2)

    assert 1 == first
    until(lambda: kept(database).ran_at is not None)


def test_due_is_what_the_row_says_not_the_scheduler(ticking, database, clock):
    """APScheduler never owns a due date: a new process runs nothing before its time."""
    ran = []
    first = ticking(ran.append)
    first.start()
    until(lambda: ran)
    first.stop(within=5)
    ticking(ran.append).start()
    time.sleep(0.2)

    assert 1 == len(ran)
    assert not any(job.trigger.interval > LEASE for job in first._scheduler.get_jobs())


def test_what_runs_long_is_not_run_twice_at_once(ticking, database):
    """Its lease is renewed while it runs."""
    # Guard off (no _hold): red.
    at_once, most, free = [0], [0], threading.Event()

    def run(_at):
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        free.wait(20)
        at_once[0] -= 1

    hurried = {"every": timedelta(seconds=0.2), "lease": timedelta(seconds=3)}
    for _ in range(2):
        ticking(run, clock=Clock(), **hurried).start()
    time.sleep(4.5)
    free.set()

    assert 1 == most[0]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Later("the backend sleeps"), "the backend sleeps"),
        (ValueError("s3cr3t"), "it broke off (ValueError); the log says where"),
    ],
)
def test_a_failure_is_on_record_in_our_own_words(ticking, database, error, said):
    """And the next turn comes as always."""

    def run(_at):
        raise error

    ticks = ticking(run)
    ticks.start()
    until(lambda: kept(database).failed_at)

    assert (said, None) == (kept(database).said, kept(database).ran_at)


def test_a_stop_waits_for_what_runs_and_begins_nothing(ticking, database):
    """So many seconds, and the answer says whether it ended."""
    free, ran = threading.Event(), []

    def run(at):
        ran.append(at)
        free.wait(5)

    ticks = ticking(run)
    ticks.start()
    until(lambda: ran)

    assert not ticks.stop(within=0.05)
    free.set()
    assert ticks.stop(within=5)
    assert not ticks.look(ticks._ticks[0])


def test_a_database_that_is_away_stops_no_tick(ticking, database, monkeypatch, caplog):
    """A look that fails is a line in the log, and the next look comes."""
    ticks = ticking(lambda _at: None)
    with monkeypatch.context() as patch:
        patch.setattr(database, "read", lambda: 1 / 0)
        with caplog.at_level(logging.CRITICAL, "bridge.ticks"):
            assert not ticks.look(ticks._ticks[0])
    ticks.start()

    until(lambda: kept(database).ran_at)


DIES = """
import sys, time
from datetime import timedelta
from bridge.clock import Clock
from bridge.store.database import Database
from bridge.ticks import Tick, Ticks

def run(at):
    print("runs", flush=True)
    time.sleep(60)

ticks = Ticks(Database(sys.argv[1]), Clock(), [Tick("t", timedelta(hours=1), run)])
ticks.start()
time.sleep(60)
"""


def test_another_takes_over_from_one_that_was_killed(ticking, database, clock):
    """Power gone in the middle: when the lease is out, not when the hour is over."""
    url = database.url.render_as_string(hide_password=False)
    killed = subprocess.Popen(
        [sys.executable, "-c", DIES, url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert "runs\n" == killed.stdout.readline()
    finally:
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait(10)
        killed.stdout.close()
    ran = []
    ticks = ticking(ran.append)
    [tick] = ticks._ticks

    assert not ticks.look(tick)
    clock.ahead += LEASE + timedelta(seconds=1)
    assert ticks.look(tick)
    assert 1 == len(ran)


@pytest.mark.parametrize(
    ("zone", "at", "due"),
    [
        ("UTC", "2026-11-01T02:59+00:00", "2026-11-01T03:00+00:00"),
        ("UTC", "2026-11-01T03:00+00:00", "2026-11-02T03:00+00:00"),
        ("Asia/Tokyo", "2026-11-01T12:00+00:00", "2026-11-01T18:00+00:00"),
        # One night is an hour longer there, another has no such hour.
        ("Europe/Berlin", "2026-10-24T12:00+00:00", "2026-10-25T02:00+00:00"),
        ("Europe/Berlin", "2026-03-28T12:00+00:00", "2026-03-29T01:00+00:00"),
    ],
)
def test_what_runs_every_night_runs_at_that_hour(zone, at, due):
    """By the clock on the wall there, and never twice a night."""
    daily = Daily(clock_time(3), zone)

    assert datetime.fromisoformat(due) == daily.after(datetime.fromisoformat(at))


def test_what_runs_every_night_does_not_run_at_the_start(database, clock):
    """A bridge that is restarted by day does not read a whole fleet for that."""
    ran = []
    hour = (clock.now() + timedelta(hours=2)).time()
    tick = Tick("t", timedelta(days=1), ran.append, Daily(hour, "UTC"))
    ticks = Ticks(database, clock, [tick], LEASE)
    ticks.start()
    try:
        assert not ticks.look(tick)
        clock.ahead += timedelta(hours=3)
        until(lambda: ran)
        assert kept(database).due > clock.now() + timedelta(hours=20)
    finally:
        ticks.stop(within=5)
