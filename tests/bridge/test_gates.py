"""Before a backend: so many calls at once, so many a second, none while paused."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import timedelta
from http import HTTPStatus

import pytest
import sqlalchemy as sa

from bridge import gates, orders, worker
from bridge.config import Caps
from bridge.gates import BLOCKS, ENOUGH, Gate, Gates
from bridge.runner import Runner
from bridge.store import backends, lanes
from bridge.store.database import Database
from bridge.store.drafts import Draft
from bridge.store.tables import lane
from provisioning.core.outcomes import Later, Refused
from provisioning.simulator.wire import RESET, error
from tests.bridge import seen
from tests.bridge.seen import LOOK, PING, Watched, calls, fate_counts, tries, until
from tests.rig import Moving, Rig

UNAUTHORISED = error(HTTPStatus.UNAUTHORIZED)
DAYS = 24 * 3600.0


class Flaky:
    """A backend of which only that matters: whether it works."""

    def __init__(self):
        self.works, self.asked, self.most, self._there = False, 0, 0, 0
        self._lock = threading.Lock()

    def ping(self):
        with self._lock:
            self.asked += 1
            self._there += 1
            self.most = max(self.most, self._there)
        time.sleep(0.0005)
        with self._lock:
            self._there -= 1
        if not self.works:
            raise Later("it is away.")


@dataclass(frozen=True, slots=True)
class Errands(Runner):
    """One call to the backend for each lane, and its usual endings."""

    server: Flaky | None = None

    @classmethod
    def of(cls, runner, server):
        known = {each.name: getattr(runner, each.name) for each in fields(Runner)}
        return cls(**known, server=server)

    def load(self, held):
        return {}

    def bring(self, lane, job):
        gate = self.desk.gates["main"]
        try:
            with gate.turn():
                self._ask(gate)
        except Later as later:
            self.endings.end(lane, None, later)
            return
        draft = Draft(lane.key, lane.token)
        lanes.release(draft, lane, due=None)
        self.desk.drafts.commit(draft)

    def _ask(self, gate):
        try:
            self.server.ping()
        except Later as later:
            gate.heard(later)
            raise
        gate.heard(None)


@pytest.fixture
def gate_of(rig):
    """`gate_of(rate=100.0)`: as another process has it, on a database of its own."""
    made = []

    def build(**caps):
        own = rig.database
        if not own.embedded:
            own = Database(rig.parts.config.database)
            made.append(own)
        backend = rig.parts.backends["main"]
        return Gate("main", backend, Caps(**caps), own, rig.clock)

    yield build
    for own in made:
        own.close()


def gate(rig):
    return rig.parts.runner.desk.gates["main"]


def pause_of(rig, name="main"):
    with rig.database.read() as tx:
        return backends.paused(tx).get(name)


def order(rig, name, **said):
    return orders.carry_out(rig.database, rig.clock, name, said)


def broken_off(rig, simulator, count=8):
    """A backend that breaks every connection off, until it is paused."""
    watched = Watched(simulator)
    watched.instead = RESET
    gate(rig).shortest = timedelta(minutes=1)  # no probe unless a test lets time pass
    seen.orders(rig, count)
    rig.run()
    return watched


# --- so many at once


def test_never_more_calls_at_once_than_a_backend_may_have(live):
    """U8: sixteen accounts are due, and three calls at once allowed: three it is."""
    # Guard off (no semaphore): red, 6 at once.
    rig, simulator = live(ours="calls = 3")
    watched = Watched(simulator, seconds=0.01)
    seen.orders(rig, 16, "starter")
    until(lambda: fate_counts(rig) == {"done": 16}, within=20)

    assert 3 == watched.most


def test_a_call_that_fails_gives_its_place_back(rig, gate_of):
    """Whatever ends it: the next one has its turn."""
    only = gate_of(calls=1)
    for _ in range(3):
        with pytest.raises(RuntimeError), only.turn():
            raise RuntimeError("a fault of ours")

    with only.turn():
        pass


def test_a_lane_that_waits_long_for_its_turn_stays_ours(pair, monkeypatch):
    """V2: else another worker takes it meanwhile, and its turn is used for nothing."""
    # Guard off (nothing done meanwhile): red, the lane is fenced off and due again.
    monkeypatch.setattr(gates, "PATIENT", 0.01)
    rig, _ = pair
    rig.order()
    places = gate(rig)._places
    for _ in range(gate(rig).caps.calls):
        places.acquire()
    thread = threading.Thread(target=rig.run)
    thread.start()

    def is_ours():
        with rig.database.read() as tx:
            until_ = tx.execute(sa.select(sa.func.max(lane.c.lease_until))).scalar()
        return until_ and until_ - rig.clock.now() > timedelta(seconds=25)

    for _ in range(4):
        until(is_ours)
        rig.wait(24)
    until(is_ours)
    with rig.database.change() as tx:
        reaped = lanes.reap(tx, rig.clock.now())
    for _ in range(gate(rig).caps.calls):
        places.release()
    thread.join()

    assert 0 == reaped
    assert {"order": "done"} == rig.fates()


# --- so many a second


def test_two_processes_share_so_many_calls_a_second(simulator, gate_of):
    """U8: in any stretch of time rate x time, and one block: seen at the backend."""
    # Guard off (each process counts for itself): red.
    rate, end = 100.0, time.monotonic() + 0.5
    before = len(simulator.journal)

    def ask(gate):
        while time.monotonic() < end:
            with gate.turn():
                gate.backend.ping()

    both = [gate_of(calls=4, rate=rate), gate_of(calls=4, rate=rate)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, both * 4))
    moments = [entry.at for entry in simulator.journal[before:]]
    block = rate / BLOCKS
    most = max(
        later - sooner + 1 - rate * (moments[later] - moments[sooner])
        for sooner in range(len(moments))
        for later in range(sooner, len(moments))
    )

    assert most <= block + 1
    assert len(moments) > rate * 0.5 / 2


def test_calls_nobody_made_are_not_made_up_for(rig, gate_of):
    """U8: what two processes reserved and did not use is not added to what is due."""
    # Guard off (moments are kept however old): red, 24 of each come at once.
    rate = 100.0
    both = [gate_of(rate=rate), gate_of(rate=rate)]
    for each in both:
        each._next(rate)
    rig.wait(60)
    now = rig.clock.now()
    moments = [each._next(rate) for _ in range(30) for each in both]
    oldest = now - timedelta(seconds=1 / BLOCKS)

    assert 60 == len(set(moments))
    assert oldest <= min(moments)
    assert max(moments) - now > timedelta(seconds=0.3)


def test_a_backend_paused_while_we_wait_for_our_turn_is_not_called(rig, gate_of):
    """U8: a pause is not only for those that come after it."""
    slow = gate_of(rate=2.0)
    slow._next(2.0)
    timer = threading.Timer(
        0.05,
        lambda: setattr(slow, "paused", backends.Pause(rig.clock.now(), "x", True)),
    )
    timer.start()
    with pytest.raises(Later, match="backend main is paused"), slow.turn():
        raise AssertionError("it was called")
    timer.join()


# --- paused by itself


def test_five_failures_in_a_row_pause_it_for_everybody(pair):
    """F-B15: not this account, the backend: no tries of the others are used up."""
    # Guard off (ENOUGH = 1000): red, eight tries.
    rig, simulator = pair
    watched = broken_off(rig, simulator)
    elsewhere = Rig(rig.path, rig.clock)
    elsewhere.parts.runner.desk.gates.refresh()

    assert ENOUGH == sum(tries(rig)) == watched.calls
    assert "broke the connection off" in pause_of(rig).because
    assert not pause_of(rig).by_hand
    assert [] == elsewhere.parts.runner.claim(8)


def test_a_key_that_is_refused_pauses_at_once(pair):
    """F-B15: 401 says that nothing is to be had; nobody's tries are used up."""
    rig, simulator = pair
    watched = Watched(simulator)
    watched.instead = UNAUTHORISED
    gate(rig).shortest = timedelta(minutes=1)
    seen.orders(rig, 3)
    rig.run()

    assert {0} == set(tries(rig))
    assert 1 == watched.calls
    assert "user name and password" in pause_of(rig).because


def test_answers_in_between_are_no_failures_in_a_row(rig, gate_of):
    """F-B15: a no is an answer: it works."""
    one = gate_of()
    for outcome in [Later("x")] * 4 + [Refused("no")] + [Later("x")] * 4:
        one.heard(outcome)

    assert pause_of(rig) is None


def test_many_failures_at_once_are_one_reason_to_pause(rig, gate_of):
    """F-B15: sixteen calls that were under way do not make the pause sixteen long."""
    # Guard off (each lengthens it): red.
    one = gate_of()
    began = rig.clock.now()
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(one.heard, [Later("x")] * 16))

    assert pause_of(rig).until - began < gates.SHORTEST + timedelta(seconds=1)


def test_a_pause_is_as_long_as_the_backend_asks(rig, gate_of):
    """F-B15: Retry-After is heeded; it is not asked before."""
    began = rig.clock.now()
    one = gate_of()
    for _ in range(ENOUGH):
        one.heard(Later("too many requests", after=timedelta(minutes=10)))

    assert pause_of(rig).until >= began + timedelta(minutes=10)


def test_one_process_asks_whether_it_works(rig):
    """F-B16: half open: one probe, however many processes and however often."""
    # Guard off (the moment is not moved on): red.
    parts = rig.parts
    with rig.database.change() as tx:
        backends.pause(tx, "main", rig.clock.now(), "x", by_hand=False)
    others = [
        Gates(parts.backends, parts.config.caps, rig.database, rig.clock)
        for _ in range(6)
    ]
    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(Gates.refresh, others * 3))

    assert 1 == sum(len(mine) for mine in told)


def test_while_it_does_not_work_it_is_asked_ever_less_often(pair):
    """F-B16: doubled up to a minute, with jitter."""
    rig, simulator = pair
    broken_off(rig, simulator)
    gate(rig).shortest = timedelta(seconds=1)
    pauses = []
    for _ in range(8):
        rig.wait((pause_of(rig).until - rig.clock.now()).total_seconds() + 0.001)
        rig.run()
        pauses.append((pause_of(rig).until - rig.clock.now()).total_seconds())

    assert pauses[0] < 2.1
    assert all(29 < pause <= 60 for pause in pauses[-2:])
    assert calls(simulator) == []


def test_a_pause_of_just_now_outlives_what_was_read_before(pair, monkeypatch):
    """F-B16: one thread reads what is paused while another pauses it."""
    # Guard off (what was read is taken as it is): red, it is called again.
    rig, _ = pair
    real, left = backends.paused, ["once"]

    def overtaken(tx):
        known = real(tx)
        if left:
            left.pop()
            for _ in range(ENOUGH):
                gate(rig).heard(Later("it is away."))
        return known

    monkeypatch.setattr(backends, "paused", overtaken)
    known = rig.parts.runner.desk.gates.learn()

    assert pause_of(rig) == gate(rig).paused == known["main"]


def test_when_it_answers_but_does_not_work_one_call_is_enough(pair):
    """F-B16: half open: after a probe that went well the first failure pauses again."""
    # Guard off (counting from nought again): red, five more tries.
    rig, simulator = pair
    broken_off(rig, simulator, count=8).instead = None
    simulator.plant("error_object_500", LOOK, times=3)
    used = sum(tries(rig))
    rig.wait(61)
    rig.parts.runner.run()

    assert [PING, LOOK] == calls(simulator)
    assert used + 1 == sum(tries(rig))
    assert pause_of(rig) is not None


def test_when_it_is_back_all_that_waited_is_done_without_a_stampede(live, monkeypatch):
    """F-B16: a few accounts ask, none gives up, and the cap holds afterwards."""
    monkeypatch.setattr(worker, "IDLE", 0.1)
    rig, simulator = live(Moving(), ours="calls = 4")
    watched = Watched(simulator)
    watched.instead = RESET
    seen.orders(rig, 40)
    until(lambda: pause_of(rig))
    rig.wait(3600)
    until(lambda: watched.calls > sum(tries(rig)))  # the probe
    used, asked = sum(tries(rig)), watched.calls
    watched.instead = None
    rig.wait(3600)
    until(lambda: fate_counts(rig) == {"done": 40}, within=30)

    # Whoever hears the last of ENOUGH failures keeps its place, and all others from
    # counting, until the pause stands. So each of the other 3 places has one call under
    # way at most. None begins later: an automatic pause is over with a probe that went
    # well, and not by time.
    assert used <= ENOUGH + 3
    assert asked < ENOUGH + 4 + 4
    assert watched.most <= 4 + 1  # and one that asks whether it works


def test_a_process_that_cannot_note_the_probe_asks_again(live, monkeypatch):
    """F-E1: the database goes just then; half a minute later it is somebody's turn."""
    monkeypatch.setattr(worker, "IDLE", 0.1)
    rig, _ = live(Moving())
    real, left = backends.resume, ["once"]

    def gone(*args, **kwargs):
        if left:
            left.pop()
            raise sa.exc.OperationalError("gone", None, Exception())
        return real(*args, **kwargs)

    monkeypatch.setattr(backends, "resume", gone)
    with rig.database.change() as tx:
        backends.pause(tx, "main", rig.clock.now(), "x", by_hand=False)
    until(lambda: not left)
    rig.wait(31)
    until(lambda: pause_of(rig) is None)


# --- paused by a person


def test_a_probe_never_ends_a_persons_pause(pair):
    """U8: not in the database, and not for this process either."""
    # Guard off (what was ended is not asked): red, the accounts are taken.
    rig, simulator = pair
    broken_off(rig, simulator).instead = None
    order(rig, "backend.pause", backend="main", seconds=None, because="night work")
    rig.wait(DAYS)
    gate(rig).probe()
    taken = rig.parts.runner.claim(8)
    rig.run()

    assert [] == taken
    assert pause_of(rig).by_hand
    assert {PING} == set(calls(simulator))


def test_a_failure_does_not_replace_a_persons_pause(rig, gate_of):
    """U8: calls that were under way fail; the person's word stands."""
    order(rig, "backend.pause", backend="main", seconds=None, because="night work")
    one = gate_of()
    for _ in range(ENOUGH):
        one.heard(Later("x"))

    assert ("night work", True) == (pause_of(rig).because, pause_of(rig).by_hand)


def test_a_pause_for_a_time_ends_by_itself(pair):
    """U8: for two hours is for two hours; what came in meanwhile is done then."""
    rig, simulator = pair
    order(rig, "backend.pause", backend="main", seconds=7200, because="night work")
    rig.order()
    rig.run()
    rig.wait(7100)
    rig.run()
    before = calls(simulator)
    rig.wait(101)
    rig.run()

    assert [] == before
    assert {"order": "done"} == rig.fates()
    assert pause_of(rig) is None


@pytest.mark.parametrize("how", ["resumed", "for a time", "by itself"])
def test_nothing_is_given_up_for_a_pause_however_long(pair, how):
    """U8: three days are no failure of the accounts that had failed before it."""
    # Guard off (failing is counted from before the pause): red, parked.
    rig, simulator = pair
    watched = broken_off(rig, simulator, count=5)
    if how != "by itself":
        seconds = None if how == "resumed" else 3 * DAYS
        order(rig, "backend.pause", backend="main", seconds=seconds, because="x")
    rig.wait(3 * DAYS + 1)
    rig.run()
    simulator.plant("error_object_500", LOOK)
    watched.instead = None
    rig.wait(120)
    if how == "resumed":
        order(rig, "backend.resume", backend="main")
    rig.run()
    rig.wait(120)
    rig.run_until_quiet()

    assert {"done": 5} == fate_counts(rig)


def test_what_was_put_off_is_due_at_once_when_a_person_resumes(pair):
    """U8: an hour's wait of before is not waited for."""
    rig, simulator = pair
    watched = broken_off(rig, simulator, count=5)
    order(rig, "backend.pause", backend="main", seconds=None, because="x")
    with rig.database.change() as tx:
        tx.execute(sa.update(lane).values(due=rig.clock.now() + timedelta(hours=1)))
    watched.instead = None
    order(rig, "backend.resume", backend="main")
    rig.run()

    assert {"done": 5} == fate_counts(rig)


def test_a_pause_is_that_backends_alone(make, other_backend):
    """U8: the other one's accounts go on."""
    more, other = other_backend()
    rig, simulator = make(more=more)
    order(rig, "backend.pause", backend="main", seconds=None, because="x")
    rig.order("1", id_="here", client="1")
    rig.order("2", id_="there", client="2", line="2", package="elsewhere")
    rig.run()

    assert {"here": "accepted", "there": "done"} == rig.fates()
    assert [] == calls(simulator)
    assert 3 == other.calls


def test_an_hours_outage_with_a_thousand_accounts_waiting(rig):
    """F-B16: few ask meanwhile, nobody gives up; the drain keeps to its calls."""
    server = Flaky()
    rig.parts.worker.runner = Errands.of(rig.parts.runner, server)
    gate(rig).backend = server
    with rig.database.change() as tx:
        for no in range(1000):
            lanes.wake(tx, f"acct_{no}", rig.clock.now(), "main")
    rig.parts.worker.start()
    until(lambda: pause_of(rig))
    for _ in range(12):
        rig.wait(300)
        rig.parts.worker._seen = 0.0  # it looks at the pauses now
        rig.parts.worker.nudge()
        time.sleep(0.02)
    asked, used = server.asked, sum(tries(rig))
    server.works = True
    rig.wait(61)
    until(lambda: rig.parts.runner.next_due() is None, within=30)
    rig.parts.worker.stop(within=5)

    assert ENOUGH <= asked < ENOUGH + 8 + 12 + 1
    assert used < ENOUGH + 8
    assert server.most <= 8 + 1  # and one that asks whether it works
    assert server.asked - asked < 1000 + 8
