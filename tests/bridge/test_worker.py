"""The threads: they start, take what comes in at once, and stop in time."""

import threading
import time

import pytest
import sqlalchemy as sa

from bridge import app, config
from bridge.clock import Clock
from bridge.store import lanes
from tests.bridge.seen import LOOK, calls, levels
from tests.engines import on_sqlite
from tests.rig import Rig


@pytest.fixture
def started(make):
    """A rig in real time whose own workers run; they are stopped at the end."""
    rig, simulator = make()
    rig.parts.database.close()
    live = Rig(rig.path, Clock())
    live.parts.worker.start()
    yield live, simulator
    simulator.close()
    live.parts.worker.stop(within=5)
    live.database.close()


def until(true, within=5.0):
    """How long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within, "it did not come to pass"
        time.sleep(0.005)
    return time.monotonic() - began


def test_what_comes_in_is_worked_on_at_once(started):
    """U1: nobody waits for the next look at the queue: the door nudges a worker."""
    rig, simulator = started
    time.sleep(0.05)
    rig.order()
    took = until(lambda: rig.fates() == {"order": "done"})

    assert took < 0.9
    assert (True, 5, "1") == levels(simulator)


def test_what_comes_due_is_worked_on_without_a_nudge(started):
    """U1: the backend is asked whether it knows us again; then the order goes on."""
    rig, simulator = started
    simulator.plant("unauthorised_401", LOOK)
    rig.order()
    until(lambda: rig.fates() == {"order": "done"})

    assert [LOOK, "User_Role_List", LOOK] == calls(simulator)[:3]


def test_twenty_at_once_are_all_done(started):
    """F-C8: many accounts side by side, each once."""
    rig, simulator = started
    for no in range(20):
        rig.order(str(no), id_=f"order-{no}", line=str(no), client=str(no))
    until(lambda: set(rig.fates().values()) == {"done"}, within=20)

    assert 20 == len(simulator.users)
    assert {"5.000000"} == {str(user.credit) for user in simulator.users.values()}


def test_a_stop_ends_all_threads_quickly(make):
    """F-A4: nothing to do, so nothing to wait for."""
    rig, _ = make()
    worker = rig.parts.worker
    worker.start()
    began = time.monotonic()

    assert worker.stop(within=5)
    assert time.monotonic() - began < 0.5
    assert not [t for t in threading.enumerate() if t is worker._thread]


def test_a_stop_lets_a_call_under_way_end(started):
    """F-A4: what was sent is noted before the process goes."""
    rig, simulator = started
    simulator.plant("slow_then_applied", "User_Create", seconds=0.2)
    rig.order()
    until(lambda: "User_Create" in calls(simulator))

    assert rig.parts.worker.stop(within=5)
    assert {"done"} == set(rig.fates().values())


def test_a_stop_takes_no_longer_than_it_may(make):
    """F-A4: *within* is for all threads together; the lease covers what is stuck."""
    rig, _ = make()
    worker = rig.parts.worker
    with rig.database.change() as tx:
        if tx.dialect.name == "postgresql":
            tx.execute(sa.text("LOCK TABLE lane"))
        # Nobody else gets a turn meanwhile.
        worker.start()
        time.sleep(0.05)
        began = time.monotonic()
        ended = worker.stop(within=0.1)
        took = time.monotonic() - began
    worker.stop(within=5)

    assert not ended
    assert took < 0.3


def test_a_lane_that_fails_does_not_end_its_thread(started, monkeypatch):
    """A fault of ours is logged, and the next lane is taken."""
    rig, _ = started
    broken = [RuntimeError("a fault of ours")]
    real = type(rig.parts.runner).bring

    def once(runner, lane, job):
        if broken:
            raise broken.pop()
        real(runner, lane, job)

    monkeypatch.setattr(type(rig.parts.runner), "bring", once)
    rig.order("1", id_="order-1", line="1", client="1")
    until(lambda: not broken)
    rig.order("2", id_="order-2", line="2", client="2")
    until(lambda: rig.fates()["order-2"] == "done")

    assert "accepted" == rig.fates()["order-1"]


@on_sqlite
def test_at_the_start_leases_of_the_process_before_are_over(make, monkeypatch):
    """U1: what it had taken is taken again at once, not when its lease runs out."""
    rig, simulator = make()
    rig.order()
    with rig.database.change() as tx:
        lanes.claim(tx, rig.clock.now(), rig.parts.config.lease)
    rig.database.close()
    at_exit = []
    monkeypatch.setattr(app.atexit, "register", lambda *call: at_exit.append(call))
    served = app.start(config.load(rig.path)).test_client()
    took = until(lambda: simulator.users)
    alive = served.get("/livez").status_code
    [(stop,)] = at_exit

    assert took < 2
    assert 200 == alive
    stop()
