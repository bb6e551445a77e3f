"""F-D1: somebody sets the machine's clock. Windows, leases and ticks do not notice."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from apscheduler.schedulers import base

from bridge import clock, ticks
from bridge.clock import Clock, Shared
from bridge.store.database import Database
from bridge.ticks import Tick, Ticks
from tests.bridge.seen import PAY, paid, writes
from tests.engines import on_postgresql, on_sqlite
from tests.matrix.invariants import violations
from tests.rig import Rig, random_names, write_config

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = [HOUR, -HOUR, DAY, -DAY]
SOON = timedelta(seconds=1)
jumps = pytest.mark.parametrize("jump", JUMPS, ids=str)


class Wall:
    """The machine's clock, which somebody may set."""

    def __init__(self) -> None:
        self.set_by = timedelta(0)

    def __call__(self, _zone: object = None) -> datetime:
        return datetime.now(UTC) + self.set_by


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def jumping(wall, monkeypatch):
    """All that asks the machine gets what this clock shows."""

    class Jumping(datetime):
        @classmethod
        def now(cls, tz=None):
            return wall(tz)

    monkeypatch.setattr(base, "datetime", Jumping)
    monkeypatch.setattr(ticks, "datetime", Jumping)
    monkeypatch.setattr(clock, "datetime", Jumping)
    return wall


@pytest.fixture
def unsure(make, wall):
    """A sum that has just left without an answer, by a clock that may jump."""
    rig, simulator = make(settle=2.0, call_deadline=0.5)
    rig.order(package="plain")
    rig.run()
    # The same file, the same database, another clock.
    embedded = rig.database.embedded
    jumpy = Clock(wall=wall) if embedded else Shared(rig.database)
    again = Rig(rig.path, jumpy)
    simulator.plant("reset_before", PAY)
    again.topup("2")
    until = time.monotonic() + 10
    while again.fates()["topup-2"] != "unsure":  # a busy machine reads too late
        assert time.monotonic() < until, again.fates()
        again.run()
    return again, simulator


@jumps
def test_a_window_neither_ends_early_nor_lasts_longer(unsure, jumping, jump):
    """What may still land is not sent again at once, and is sent again in time."""
    rig, simulator = unsure
    jumping.set_by = jump
    rig.wake_all()
    rig.run()
    early = writes(simulator).count(PAY)
    began = time.monotonic()
    rig.run_until_quiet(within=15)

    assert 1 == early
    assert 5 > time.monotonic() - began
    assert {"order": "done", "topup-2": "done"} == rig.fates()
    assert [("shop:2/topup", "10.00")] == paid(simulator)
    assert [] == violations(rig.database, simulator)


@jumps
def test_a_lease_lasts_as_long_as_it_was_given(unsure, jumping, jump):
    """A lane in hand is not taken from us by a jump, nor kept for a day."""
    rig, _ = unsure
    rig.wake_all()
    held = rig.parts.runner.claim(9)
    jumping.set_by = jump
    again = rig.parts.runner.claim(9)
    left = held[0].lease_until - rig.clock.now()

    assert [] == again
    assert timedelta(seconds=25) < left <= timedelta(seconds=30)


@on_postgresql
@jumps
def test_on_postgresql_time_is_the_databases(rig, jumping, jump):
    """However this machine's clock is set before or after the start, all agree."""
    jumping.set_by = jump
    begun_wrong = Shared(rig.database)
    jumping.set_by = -jump
    apart = [abs(shown - datetime.now(UTC)) for shown in
             (begun_wrong.now(), begun_wrong.wall())]  # fmt: skip

    assert SOON > max(apart)


@on_sqlite
@jumps
def test_a_signature_is_as_old_as_the_wall_says(
    host, engine, tmp_path, wall, jump, monkeypatch
):
    """A clock that is wrong refuses what is signed now; set right, it takes it."""
    url = engine.new(tmp_path)
    path = write_config(tmp_path, host.url, random_names(), database=url)
    rig = Rig(path, Clock(wall=wall))
    wall.set_by = jump
    wrong = rig.order().status_code
    wall.set_by = timedelta(0)

    assert (401, 202) == (wrong, rig.order().status_code)


@jumps
def test_ticks_go_on_at_their_pace(engine, tmp_path, jumping, jump):
    """What wakes due dates and watches goes on, also when the clock is set back.

    Guard off (APScheduler as it comes): set back a day, it rests for a day, red.
    """
    ran = []
    database = Database(engine.new(tmp_path))
    tick = Tick("t", timedelta(seconds=0.4), ran.append)
    beside = Ticks(database, Clock(wall=jumping), [tick])
    beside.start()
    time.sleep(0.5)
    jumping.set_by = jump
    before = len(ran)
    time.sleep(2.5)
    stopped = beside.stop(within=5)
    database.close()

    assert stopped
    assert 2 <= len(ran) - before <= 8
    assert all(abs(at - datetime.now(UTC)) < timedelta(seconds=10) for at in ran)


@on_postgresql
def test_a_database_that_is_gone_stops_no_time(rig, monkeypatch):
    """What was known of its time goes on evenly until it can be asked again."""
    moments = [100.0]
    shared = Shared(rig.database, ticking=lambda: moments[0])
    first = shared.now()
    moments[0] += 60

    def gone():
        raise sa.exc.OperationalError("", None, Exception())

    monkeypatch.setattr(rig.database, "read", gone)

    assert timedelta(seconds=60) == shared.now() - first
