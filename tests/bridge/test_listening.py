"""Hints from PostgreSQL: heard from other processes, and nothing depends on them."""

import threading

import pytest
import sqlalchemy as sa

from bridge import listening
from bridge.listening import Listener
from tests.bridge.seen import fate_counts, orders, until
from tests.engines import on_postgresql
from tests.pgbouncer import Pooler
from tests.rig import Rig

pytestmark = on_postgresql
OURS = sa.text(
    "SELECT pid FROM pg_stat_activity"
    " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
)
GONE = sa.text("SELECT pg_terminate_backend(:pid)")


@pytest.fixture
def heard():
    return threading.Event()


@pytest.fixture
def listen(rig, heard, monkeypatch):
    """`listen()`: hears, on a connection of its own, until the test ends."""
    monkeypatch.setattr(listening, "PATIENCE", 0.05)
    running = []

    def start(url=None):
        listener = Listener(url or rig.parts.config.database, heard.set)
        running.append(listener)
        listener.start()
        return listener

    yield start
    for listener in running:
        listener.stop(within=5)


def listening_pids(rig):
    with rig.database.read() as tx:
        return list(tx.execute(OURS).scalars())


def quiet(rig, heard):
    """It listens, and the nudge at its beginning is over."""
    until(lambda: listening_pids(rig))
    until(heard.is_set)
    heard.clear()


def test_what_another_process_takes_in_is_heard_at_once(rig, listen, heard):
    """U8: the web server is on another machine; the worker need not wait a second."""
    listen()
    quiet(rig, heard)
    elsewhere = Rig(rig.path, rig.clock)
    elsewhere.order()

    assert heard.wait(20)


def test_a_connection_that_is_killed_is_made_anew(rig, listen, heard):
    """U8: somebody restarts the server; what came meanwhile is looked for at once."""
    # Guard off (what it raises ends it): red.
    listen()
    for _ in range(3):
        quiet(rig, heard)
        [pid] = listening_pids(rig)
        with rig.database.change() as tx:
            tx.execute(GONE, {"pid": pid})
        until(lambda gone=pid: listening_pids(rig) not in ([], [gone]))
    quiet(rig, heard)
    rig.order()

    assert heard.wait(20)


def test_it_waits_ever_longer_for_a_server_that_is_away_and_then_starts_anew(
    rig, listen, heard
):
    """U8: nobody is run over; after it was back the first wait is short again."""
    # Guard off (the wait is set back only at the end): red.
    listener = listen()
    listener._wait = 10.0
    quiet(rig, heard)

    assert 0.05 == listener._wait


def test_it_stops_at_once_whether_it_is_connected_or_not(rig, listen, heard):
    """F-A4: half a second for the one that listens."""
    here, nowhere = listen(), listen("postgresql+psycopg://x@127.0.0.1:1/x")
    quiet(rig, heard)
    nowhere._wait = 60.0

    assert here.stop(within=20)
    assert nowhere.stop(within=20)


def test_an_address_that_refuses_us_is_not_logged_with_its_password(
    listen, caplog, monkeypatch
):
    """V11: only the kind of the failure."""
    listen("postgresql+psycopg://x:canary-c4f1@127.0.0.1:1/x")
    until(lambda: caplog.records)

    assert "no hints from the database: OperationalError" in caplog.text
    assert "canary-c4f1" not in caplog.text


def test_behind_a_pooler_nothing_is_heard_and_all_is_done(live, postgres, heard):
    """U8: LISTEN is lost there; the worker looks by itself, once a second."""
    rig, simulator = live()
    until(lambda: rig.parts.worker._wait == 1.0)
    name = rig.database.url.database
    with Pooler(postgres) as pooler:
        listener = Listener(pooler.url(name), heard.set)
        listener.start()
        until(heard.is_set)
        heard.clear()
        elsewhere = Rig(rig.path, rig.clock)
        orders(elsewhere, 3)
        until(lambda: fate_counts(rig) == {"done": 3})
        unheard = not heard.is_set()
        listener.stop(within=5)

    assert unheard
    assert 3 == len(simulator.users)
