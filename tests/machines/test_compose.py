"""compose.yaml, without the containers: each service's command runs as a process."""

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa
import yaml

from bridge.store.database import Database
from bridge.store.tables import operation
from tests.matrix.invariants import FINAL, violations
from tests.offspring import free_port
from tests.rigs.fleet import Sender

TOP = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((TOP / "compose.yaml").read_text())
OURS = {n: s for n, s in COMPOSE["services"].items() if "build" in s}
ACCOUNTS, TOPUPS = 12, 3


@contextmanager
def running(service, path, database, port):
    """What compose would start, with its environment and nothing else of ours."""
    words = shlex.split(service["command"])
    words[words.index("--config") + 1] = str(path)
    if "serve" in words:
        words += ["--port", str(port)]
    told = dict.fromkeys(service["environment"], "unused")
    told |= {"SWITCHHOOK_DATABASE": database, "PATH": os.environ["PATH"]}
    log = path.with_name(f"{port}.log").open("wb")
    command = [sys.executable, "-m", "bridge.cli", *words[1:]]
    with (
        log,
        subprocess.Popen(
            command, cwd=TOP, env=told, stdout=log, stderr=log, start_new_session=True
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            assert process.wait(30) in {0, -signal.SIGTERM}, path.with_name(
                f"{port}.log"
            ).read_text()


def answering(port):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with Sender(port) as sender:
            if sender.deliver("nothing", b"{}") is not None:
                return
        time.sleep(0.1)
    raise AssertionError(f"nobody answers at {port}")


def done(database, events):
    query = sa.select(operation.c.fate)
    until = time.monotonic() + 40
    while time.monotonic() < until:
        with database.read() as tx:
            fates = tx.execute(query).scalars().all()
        if len(fates) == events and set(fates) <= set(FINAL):
            return
        time.sleep(0.1)
    raise AssertionError(f"{len(fates)} of {events}: {sorted(set(fates))}")


def tell(port):
    """Both doors are told everything: each event comes twice, at the same time."""
    with Sender(port) as sender:
        for client in range(ACCOUNTS):
            sender.order(client)
        for no in range(TOPUPS):
            for client in range(ACCOUNTS):
                sender.topup(client, f"{client}-{no}")


@pytest.mark.timeout(180)
def test_two_doors_and_two_workers_are_one_bridge(shared, written, backend):
    """U1: started at once on an empty database; told twice; each once, to the unit."""
    simulator, _, _ = backend
    url = shared.empty()
    path = written("env:SWITCHHOOK_DATABASE", 1)
    ports = {name: free_port() for name in OURS}
    doors = [ports[name] for name in OURS if name.startswith("door")]
    with ExitStack() as stack:
        for name, service in OURS.items():
            stack.enter_context(running(service, path, url, ports[name]))
        for port in doors:
            answering(port)
        senders = [Thread(target=tell, args=[port]) for port in doors]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        database = Database(url)
        done(database, ACCOUNTS * (1 + TOPUPS))
    found = violations(database, simulator)
    with database.read() as tx:
        revisions = tx.execute(sa.text("SELECT version_num FROM alembic_version"))
        shape = revisions.scalars().all()
    database.close()

    assert 4 == len(OURS)
    assert [] == found
    assert 1 == len(shape)
    assert ACCOUNTS == len(simulator.users)
    assert ACCOUNTS * TOPUPS == len(simulator.payments)


@pytest.mark.timeout(180)
def test_stopped_in_the_middle_nothing_is_left_unsure(shared, written, backend):
    """F-A4: SIGTERM drains; another worker goes on; nothing is begun and not ended."""
    simulator, _, _ = backend
    url = shared.new()
    path = written("env:SWITCHHOOK_DATABASE", 1)
    door, first, second = OURS["door-1"], OURS["worker-1"], OURS["worker-2"]
    port = free_port()
    database = Database(url)
    with running(door, path, url, port):
        answering(port)
        with running(first, path, url, free_port()):
            tell(port)
        with database.read() as tx:
            open_ = tx.execute(
                sa.text("SELECT count(*) FROM attempt WHERE state = 'intent'")
            ).scalar_one()
        with running(second, path, url, free_port()):
            done(database, ACCOUNTS * (1 + TOPUPS))
    found = violations(database, simulator)
    database.close()

    assert 0 == open_
    assert [] == found
