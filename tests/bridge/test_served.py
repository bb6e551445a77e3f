"""`switchhook serve` and `worker` as processes: how they are stopped."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from bridge.store import attempts, backends
from bridge.store.database import MIGRATING
from bridge.store.tables import lane
from provisioning.simulator import Settings
from tests.bridge.seen import PAY, PING, calls, paid, sums
from tests.engines import on_postgresql, on_sqlite
from tests.offspring import free_port
from tests.rig import Rig, random_names, write_config
from tests.rigs.fleet import answers

pytestmark = pytest.mark.timeout(90)

PATIENCE = 20.0
ACCOUNTS = 6
IMPATIENT = "from bridge import cli, lifecycle; lifecycle.DRAIN = 1.0; cli.main()"
"""The program, but for how long a stop may take."""

HALVES = (
    b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\n",
    b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
)
LONG, SHORT = 14.0, 10.0
"""Seconds of a call, and of a stop that does not wait for it, on a busy machine."""

SLOW = 1.0
"""Seconds a payment takes here: a stop that comes meanwhile has to wait for it."""


class Serving:
    """`switchhook serve` on a configuration; its web server has children."""

    def __init__(self, path, port=None, verb="serve", program=("-m", "bridge.cli")):
        self.port, self._log = port or free_port(), path.with_name("serving.log")
        told = ["--config", str(path), verb]
        where = ["--port", str(self.port)] if verb == "serve" else []
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, *program, *told, *where],
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def answers(self):
        return answers(self.port, within=5)

    def said(self):
        return self._log.read_text(errors="replace")

    @property
    def pid(self):
        return self._process.pid

    @property
    def children(self):
        """The processes that serve; the one we started only watches over them."""
        told = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in told.read_text().split()]

    def stop(self):
        """As a supervisor does it. The exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        return self._process.wait(PATIENCE)

    def end(self):
        """All that is left of it."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Door:
    """What a rig tells, told to a process instead: again until it is taken in."""

    def __init__(self, port, more=None):
        self._url, self._more = f"http://127.0.0.1:{port}", more or {}

    def post(self, path, headers, **told):
        told["headers"] = headers | self._more
        last = time.monotonic() + PATIENCE
        while True:
            try:
                answer = requests.post(f"{self._url}{path}", timeout=30, **told)
            except requests.ConnectionError:
                answer = None
            if answer is not None and answer.status_code != 503:
                assert answer.status_code in {200, 202}, answer.text
                return answer
            assert time.monotonic() < last, "nobody takes it in"
            time.sleep(0.05)


@contextmanager
def serving(path, port=None):
    made = Serving(path, port)
    try:
        until(made.answers, made.said)
        yield made
    finally:
        made.end()


def until(so, otherwise=str):
    last = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < last, otherwise()
        time.sleep(0.02)


def written(rig, **serve):
    """A table for the web server, added to the configuration."""
    told = "\n".join(f"{name} = {value}" for name, value in serve.items())
    rig.path.write_text(f"{rig.path.read_text()}\n[serve]\n{told}\n")


def threads(pid):
    return [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]


def leases(rig):
    with rig.database.read() as tx:
        leased = sa.select(lane.c.key).where(lane.c.lease_until.is_not(None))
        return tx.execute(leased).scalars().all()


@pytest.fixture
def waiting(make):
    """Accounts that are live, and a top-up for each that nobody has taken up yet."""
    rig, simulator = make()
    for client in map(str, range(ACCOUNTS)):
        rig.order(client, id_=f"order-{client}", line=f"o{client}", client=client,
                  package="plain")  # fmt: skip
    rig.run()
    for client in map(str, range(ACCOUNTS)):
        rig.topup(client, client=client)
    simulator.plant("slow_then_applied", PAY, times=ACCOUNTS, seconds=SLOW)
    return rig, simulator


@pytest.fixture
def fresh(host, engine, tmp_path):
    """A bridge on a database without any table, two processes to serve it."""
    names, instance = random_names(), "served"
    simulator = host.new(instance, Settings(names=names))
    path = write_config(
        tmp_path, f"{host.url}/{instance}", names, database=engine.empty(tmp_path)
    )
    rig = Rig(path)
    return rig, simulator


def test_stopped_in_the_middle_of_a_call_it_notes_the_answer_first(waiting):
    """F-A4: nothing is left unsure, no lane leased, and nobody is told of an error."""
    # Guard off (`atexit` instead of what a forked child runs, too): red, on 3.11.
    rig, simulator = waiting
    written(rig, workers=2)
    rig.database.close()
    with serving(rig.path) as bridge:
        until(lambda: PAY in calls(simulator), bridge.said)
        code = bridge.stop()
        said = bridge.said()
    begun = calls(simulator).count(PAY)
    fates = [fate for event, fate in rig.fates().items() if event.startswith("topup")]

    assert 0 == code, said
    assert "Traceback" not in said
    assert [] == rig.unsure()
    assert [] == leases(rig)
    assert 0 < begun < ACCOUNTS
    assert begun == len(paid(simulator)) == fates.count("done")


@on_postgresql
@pytest.mark.parametrize("verb", ["serve", "worker"])
def test_a_call_that_lasts_longer_than_a_stop_is_looked_for_later(make, verb):
    """F-A4: a supervisor that loses its patience is not needed."""
    # Guard off (every thread waited for): red, it ends with the call.
    rig, simulator = make(call_deadline=16.0)
    rig.order(package="plain")
    rig.run()
    rig.topup("2")
    rig.database.close()
    simulator.plant("slow_then_applied", PAY, seconds=LONG)
    bridge = Serving(rig.path, verb=verb, program=("-c", IMPATIENT))
    try:
        until(lambda: PAY in calls(simulator), bridge.said)
        began = time.monotonic()
        code = bridge.stop()
        took = time.monotonic() - began
    finally:
        bridge.end()

    assert 0 == code
    assert took < SHORT
    assert attempts.State.INTENT is rig.attempts()[-1].state
    assert "is looked for later" in bridge.said()


@on_postgresql
@pytest.mark.parametrize("verb", ["serve", "worker"])
def test_a_backend_that_is_slow_to_say_it_works_is_not_waited_for(make, verb):
    """F-A4: it was asked because it was paused; whoever starts next asks again."""
    # Guard off (only accounts in hand are under way): red, it ends with the call.
    rig, simulator = make(call_deadline=16.0)
    with rig.database.change() as tx:
        over = rig.clock.now() - timedelta(seconds=1)
        backends.pause(tx, "main", over, "it failed", by_hand=False)
    rig.database.close()
    simulator.plant("slow_then_applied", PING, seconds=LONG)
    bridge = Serving(rig.path, verb=verb, program=("-c", IMPATIENT))
    try:
        until(lambda: PING in calls(simulator), bridge.said)
        began = time.monotonic()
        code = bridge.stop()
        took = time.monotonic() - began
    finally:
        bridge.end()

    assert 0 == code, bridge.said()
    assert took < SHORT


@on_sqlite
@pytest.mark.parametrize("said", HALVES, ids=["head", "body"])
def test_half_a_request_does_not_hold_up_the_end(fresh, said):
    """F-A4: a sender that died in the middle of a word, or never meant to end it."""
    # Guard off (no nudge): red, the half head takes 31 s, the half body for ever.
    rig, _ = fresh
    with serving(rig.path) as bridge, socket.create_connection(
        ("127.0.0.1", bridge.port)
    ) as sender:  # fmt: skip
        sender.sendall(said)
        time.sleep(0.5)  # it is being heard
        code = bridge.stop()

    assert 0 == code, bridge.said()


@on_sqlite
def test_it_ends_also_where_the_signal_woke_nobody(fresh):
    """F-A4: on a busy machine it may come just before the main thread goes to sleep."""
    # Guard off (no nudge): red, it serves on.
    rig, _ = fresh
    with serving(rig.path) as bridge:
        (child,) = bridge.children
        heard_by = next(t for t in threads(child) if t != child)
        ctypes.CDLL(None).tgkill(child, heard_by, signal.SIGTERM)
        bridge.wait()

    assert not bridge.answers()


@on_postgresql
def test_a_worker_ends_also_where_the_signal_woke_nobody(fresh):
    """F-A4: the same without a web server."""
    # Guard off (it waits for what its handler sets): red, it works on.
    rig, _ = fresh
    bridge = Serving(rig.path, verb="worker")
    try:
        until(lambda: "stop it with" in bridge.said(), bridge.said)
        heard_by = next(t for t in threads(bridge.pid) if t != bridge.pid)
        ctypes.CDLL(None).tgkill(bridge.pid, heard_by, signal.SIGTERM)
        code = bridge.wait()
    finally:
        bridge.end()

    assert 0 == code, bridge.said()


def test_what_it_kept_beside_the_database_goes_with_it(waiting):
    """Nobody finds a socket on which nobody answers."""
    rig, _ = waiting
    rig.database.close()
    with serving(rig.path) as bridge:
        assert 0 == bridge.stop(), bridge.said()
    assert [] == list(rig.path.parent.glob("*.sock"))


@on_postgresql
@pytest.mark.parametrize(("verb", "processes"), [("serve", 2), ("worker", 1)])
def test_stopped_while_it_waits_for_the_database_it_ends(fresh, verb, processes):
    """It may be another that brings the tables up to date, and never gets it done."""
    # Guard off (handlers as the web server, or the verb, leaves them): red, they stay.
    rig, _ = fresh
    written(rig, processes=2)
    waits = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with rig.database.change(slow=True) as tx:
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
        bridge = Serving(rig.path, verb=verb)
        try:
            until(lambda: tx.execute(waits).scalar() == processes, bridge.said)
            code = bridge.stop()
        finally:
            bridge.end()

    assert 0 == code, bridge.said()


@on_postgresql
def test_a_sender_that_waits_does_not_hold_up_the_end(fresh):
    """It hears how far it is: 20 s of `Prefer: wait` are not added to each stop."""
    # Guard off (nobody tells the waiters): red, it takes 20 s.
    rig, _ = fresh
    written(rig, workers=0)
    with serving(rig.path) as bridge, ThreadPoolExecutor(1) as sender:
        rig.client = Door(bridge.port, {"prefer": "wait=20"})
        waiting = sender.submit(rig.order)
        until(lambda: rig.fates() == {"order": "accepted"}, bridge.said)
        began = time.monotonic()
        code = bridge.stop()
        took = time.monotonic() - began
        answer = waiting.result()

    assert (0, 202, "accepted") == (code, answer.status_code, answer.json()["status"])
    assert took < 16


# --- many of them


@on_postgresql
def test_two_processes_are_one_bridge_also_when_they_are_stopped_midway(fresh):
    """U1: told everything twice at once, they do it once, on tables they made."""
    rig, simulator = fresh
    written(rig, processes=2, workers=2)
    clients = list(map(str, range(ACCOUNTS)))

    def order(_):
        for client in clients:
            rig.order(client, id_=f"order-{client}", line=f"o{client}", client=client,
                      package="plain")  # fmt: skip

    def topup(_):
        for no in range(4):
            for client in clients:
                rig.topup(f"{client}-{no}", client=client)

    def done(many):
        return Counter(rig.fates().values()) == {"done": many}

    with ThreadPoolExecutor(2) as senders:
        with serving(rig.path) as bridge:
            rig.client = Door(bridge.port)
            list(senders.map(order, range(2)))
            until(lambda: done(ACCOUNTS), bridge.said)
            telling = senders.map(topup, range(2))
            until(lambda: paid(simulator), bridge.said)
            code = bridge.stop()
            unsure, leased = rig.unsure(), leases(rig)
        with serving(rig.path, bridge.port) as again:
            list(telling)
            until(lambda: done(ACCOUNTS * 5), again.said)
            again.stop()

    assert (0, [], []) == (code, unsure, leased)
    assert ACCOUNTS == len(simulator.users)
    assert len(paid(simulator)) == len({line for line, _ in paid(simulator)})
    assert {"applied": "240.00", "paid": "240.00"} == sums(rig)
    assert "Traceback" not in again.said()


@on_postgresql
def test_when_one_of_them_dies_all_end_and_whoever_started_them_hears_it(fresh):
    """A supervisor starts them anew; half a bridge would go unnoticed."""
    rig, _ = fresh
    written(rig, processes=2)
    with serving(rig.path) as bridge:
        first, _ = bridge.children
        os.kill(first, signal.SIGKILL)
        code = bridge.wait()

    assert 1 == code
    assert not bridge.answers()
