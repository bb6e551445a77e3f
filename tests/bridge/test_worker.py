"""The threads: they start, take what comes in at once, and stop in time."""

import random
import threading
import time
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from bridge import config, lifecycle, worker
from bridge.store import backends, lanes, operations
from bridge.store.database import Database
from bridge.store.tables import account, lane
from bridge.words import render
from bridge.worker import IDLE, SOONEST
from provisioning.simulator.wire import RESET
from tests.bridge.seen import (
    LOOK,
    Watched,
    calls,
    credit,
    fate_counts,
    levels,
    orders,
    tries,
    until,
)
from tests.engines import on_postgresql, on_sqlite

DAY = timedelta(days=1)
HANGS = 5.0
"""Seconds a backend does not answer: longer than a busy machine takes for others."""


@pytest.fixture
def started(live):
    return live()


def only_nudged(rig, monkeypatch):
    """It looks by itself in an hour."""
    for name in ("SOONEST", "IDLE"):
        monkeypatch.setattr(worker, name, 3600.0)
    rig.parts.worker._wait = 3600.0
    time.sleep(0.3)  # the last wait it had begun


def test_what_comes_in_is_worked_on_at_once(started, monkeypatch):
    """U1: nobody waits for the next look at the queue: the door nudges a worker."""
    # Guard off (no nudge at the door): red, it would look in an hour.
    rig, simulator = started
    only_nudged(rig, monkeypatch)
    rig.order()
    until(lambda: rig.fates() == {"order": "done"})

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

    assert worker.stop(within=60)
    assert time.monotonic() - began < 20
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
        ended = worker.stop(within=1.0)
        took = time.monotonic() - began
    worker.stop(within=5)

    assert not ended
    assert took < 4


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
    monkeypatch.setattr(
        lifecycle, "Finalize", lambda _, __, told, **___: at_exit.append(told)
    )
    served = lifecycle.start(config.load(rig.path)).test_client()
    took = until(lambda: simulator.users)
    alive = served.get("/livez").status_code
    [(stop,)] = at_exit

    assert took < 20  # its lease is longer
    assert 200 == alive
    stop()


# --- each backend by itself


def backend_of(rig):
    """What the account's lane names, or None."""
    query = sa.select(lane.c.backend).where(lane.c.key == rig.account().id)
    with rig.database.read() as tx:
        return tx.execute(query).scalar_one()


def look_now(rig):
    """At the pauses too, which else are looked at once a second."""
    rig.parts.worker._seen = 0.0
    rig.parts.worker.nudge()


def none_left(rig):
    """No lane is leased, and no place taken."""
    return rig.parts.worker._idle_places()


@pytest.mark.parametrize("how", ["hangs", "breaks off"])
def test_a_backend_that_fails_slows_no_other(live, other_backend, how):
    """F-B17: accounts of the other one are done as fast as without it."""
    # Guard off (one crew for all): red where it hangs.
    more, other = other_backend(calls=4)
    rig, simulator = live(ours="calls = 2", more=more)
    watched = Watched(simulator, seconds=HANGS if how == "hangs" else 0.0)
    watched.instead = RESET
    orders(rig, 8)
    until(lambda: watched.calls)
    began = time.monotonic()
    orders(rig, 8, "elsewhere", first=101)
    taken_in = time.monotonic() - began
    until(lambda: fate_counts(rig).get("done") == 8, within=8)

    assert taken_in < HANGS
    assert time.monotonic() - began < HANGS
    assert 24 == other.calls


def test_a_lane_that_names_no_backend_is_named_and_worked_on(live):
    """R1: version 0.1.0 woke lanes so; whoever works for its backend goes on."""
    rig, simulator = live()
    rig.order()
    until(lambda: rig.fates() == {"order": "done"} and none_left(rig))
    rig.topup("2")
    with rig.database.change() as tx:
        tx.execute(sa.update(lane).values(backend=None))
        lanes.wake(tx, rig.account().id, rig.clock.now())
    rig.parts.worker.nudge()
    until(lambda: rig.fates()["topup-2"] == "done" and backend_of(rig) == "main")

    assert "15.00" == credit(simulator)


def test_lanes_without_a_name_do_not_keep_a_backend_that_hangs_from_the_door(
    live, other_backend
):
    """F-B17: they are named and handed on; what comes in is sorted all the same."""
    # Guard off (they are brought in line by those who sort): red.
    more, _ = other_backend()
    rig, simulator = live(more=more)
    orders(rig, 4)
    until(lambda: fate_counts(rig) == {"done": 4} and none_left(rig))
    watched = Watched(simulator, seconds=HANGS)
    with rig.database.change() as tx:
        tx.execute(
            sa.update(lane)
            .where(lane.c.backend.is_not(None))
            .values(backend=None, due=rig.clock.now())
        )
    rig.parts.worker.nudge()
    until(lambda: watched.calls >= 2)
    began = time.monotonic()
    orders(rig, 1, "elsewhere", first=101)
    until(lambda: fate_counts(rig)["done"] == 5)

    assert time.monotonic() - began < HANGS


def test_what_has_no_backend_any_more_is_said_so_and_does_not_spin(live):
    """V5: a table left the configuration: each account says which one it was."""
    # Guard off (only lanes of known backends are claimed): red, it waits for ever.
    rig, _ = live()
    rig.order()
    until(lambda: rig.fates() == {"order": "done"} and none_left(rig))
    with rig.database.change() as tx:
        tx.execute(sa.update(account).values(backend="gone"))
        tx.execute(sa.update(lane).values(backend="gone"))
    rig.topup("2")
    until(lambda: rig.why("topup-2") == "later")
    with rig.database.read() as tx:
        [found] = operations.of_events(tx, "shop", ["topup-2"])

    assert 'backend "gone" is not in the configuration' in render(found.why)


# --- in turn


def test_who_waited_longest_comes_first(live):
    """U8: under load, too: one call at once, and the order is that of waiting."""
    rig, simulator = live(ours="calls = 1")
    watched = Watched(simulator, seconds=0.005)
    orders(rig, 1)
    until(lambda: fate_counts(rig) == {"done": 1} and none_left(rig))
    before = names(rig).values()
    with rig.database.change() as tx:
        backends.pause(tx, "main", rig.clock.now() + DAY, "x", by_hand=True)
    look_now(rig)
    until(lambda: rig.parts.runner.desk.gates["main"].paused)
    orders(rig, 10, first=2)
    until(lambda: len(names(rig)) == 11)
    keys = [key for key, name in names(rig).items() if name not in before]
    random.shuffle(keys)
    with rig.database.change() as tx:
        for number, key in enumerate(keys):
            moment = rig.clock.now() - timedelta(minutes=number)
            tx.execute(sa.update(lane).where(lane.c.key == key).values(due=moment))
        backends.resume(tx, "main", by_hand=True)
    look_now(rig)
    until(lambda: fate_counts(rig) == {"done": 11}, within=10)
    wanted = [names(rig)[key] for key in reversed(keys)]
    opened = [user.username for user in simulator.users.values()][1:]

    assert 1 == watched.most
    # Two are in hand for each call: neighbours may change places.
    places = [wanted.index(name) for name in opened]
    assert all(abs(place - at) <= 2 for at, place in enumerate(places)), places


def names(rig):
    """The accounts, and what they are called at the backend."""
    with rig.database.read() as tx:
        return dict(tx.execute(sa.select(account.c.id, account.c.username)).all())


def done(rig, count):
    return fate_counts(rig) == {"done": count}


def test_no_nudge_is_lost(live, monkeypatch):
    """U1: each order is begun at once, also where it comes while the queue is read."""
    # Guard off (the queue is read before the nudge is forgotten): red now and then.
    rig, simulator = live()
    only_nudged(rig, monkeypatch)
    for no in range(1, 16):
        orders(rig, 1, first=no)
        until(partial(done, rig, no))

    assert 15 == len(simulator.users)


# --- without spinning


@pytest.fixture
def queries():
    """`queries(rig, seconds)`: how many a second while nothing happens."""

    def count(rig, seconds=0.5):
        found = []
        engines = {rig.database._writer, rig.database._reader}
        if not rig.database.embedded:
            engines = {
                rig.database._writer
            }  # the reader is the same, dressed otherwise

        def seen(*_):
            found.append(1)

        for engine in engines:
            sa.event.listen(engine, "before_cursor_execute", seen)
        time.sleep(seconds)
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", seen)
        return len(found) / seconds

    return count


def test_idle_it_looks_less_and_less_often_and_no_more_than_needed(live, queries):
    """U8: 0.1 s at first and a second in the end."""
    rig, _ = live()
    waits = []
    until(lambda: waits.append(rig.parts.worker._wait) or waits[-1] == IDLE)
    often = queries(rig, 1.2)

    assert waits[0] <= 2 * SOONEST
    assert 0 < often < 20


def test_with_all_places_taken_it_does_not_spin(live, queries):
    """U8: lanes are due, and nobody is free: it waits for a place."""
    # Guard off (full crews are looked at, what is overdue at once): red.
    rig, simulator = live(ours="calls = 1")
    watched = Watched(simulator, seconds=0.9)
    orders(rig, 5)
    until(lambda: watched.calls and sum(tries(rig)) == 0)
    time.sleep(0.15)

    often = queries(rig)
    watched.seconds = 0.0

    assert often < 30


def test_with_a_paused_backend_it_does_not_spin(live, queries):
    """U8: lanes are due, and nothing is to be sent."""
    # Guard off (paused backends are looked at, what is overdue at once): red.
    rig, _ = live()
    with rig.database.change() as tx:
        backends.pause(tx, "main", rig.clock.now() + DAY, "x", by_hand=True)
    look_now(rig)
    until(lambda: rig.parts.runner.desk.gates["main"].paused)
    orders(rig, 3)
    time.sleep(0.3)

    assert queries(rig) < 30


@on_postgresql
def test_what_somebody_else_is_about_to_take_is_not_asked_for_again_and_again(
    live, queries
):
    """U8: a lane that is due and locked is not ours; the longer, the less we look."""
    # Guard off (overdue is looked at 200 times a second): red.
    rig, _ = live()
    rig.order()
    until(lambda: rig.fates() == {"order": "done"} and none_left(rig))
    other = Database(rig.parts.config.database)
    with rig.database.change() as tx:
        tx.execute(sa.update(lane).values(due=rig.clock.now() + timedelta(seconds=0.2)))
    with other.change() as tx:
        tx.execute(sa.select(lane).with_for_update())
        time.sleep(0.5)
        often = queries(rig)
    other.close()

    assert often < 60


@pytest.mark.parametrize("gone", [RuntimeError("ours"), SystemExit(1)])
def test_a_place_is_given_back_whatever_happens(started, monkeypatch, gone):
    """U8: else a backend would have ever fewer, and none in the end."""
    rig, _ = started
    left = [gone] * 20
    real = type(rig.parts.runner).bring

    def failing(runner, lane, job):
        if left:
            raise left.pop()
        real(runner, lane, job)

    monkeypatch.setattr(type(rig.parts.runner), "bring", failing)
    with rig.database.change() as tx:
        for no in range(20):
            lanes.wake(tx, f"acct_x{no}", rig.clock.now(), "main")
    rig.parts.worker.nudge()
    until(lambda: not left and none_left(rig))
    rig.order()

    until(lambda: rig.fates() == {"order": "done"})
