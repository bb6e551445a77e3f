"""Beside the last release: old and new work on one database, and nobody notices."""

import json
import os
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from bridge.store.database import Database
from bridge.store.tables import operation
from tests.machines.test_compose import OURS, answering, done, running
from tests.matrix.invariants import violations
from tests.offspring import free_port
from tests.rig import SECRET
from tests.rigs.fleet import Sender, _body

TOP = Path(__file__).parents[2]
RELEASE = TOP / "tests" / "releases" / "switchhook-0.1.0-py3-none-any.whl"
ACCOUNTS, TOPUPS = 10, 3
OLD = """
import json, sys, threading
from datetime import UTC, datetime
from pathlib import Path

import bridge
from bridge import app, inbox
from bridge.config import load
from bridge.platforms import signature

# Its own command refuses PostgreSQL; its parts do not.
folder, secret = sys.argv[1], sys.argv[2]
assert str(Path(bridge.__file__)).startswith(folder), bridge.__file__
parts = app.assemble(load(Path(sys.argv[3])))
key = signature.keys("shop", [secret])[0]
parts.worker.start()
print("works", flush=True)
for line in sys.stdin:
    told = json.loads(line)
    body = told["body"].encode()
    headers = signature.signed(key, told["id"], body, datetime.now(UTC))
    headers["content-type"] = "application/json"
    taken = inbox.take(parts.sources["shop"], "shop", headers, body, parts.database,
                       parts.clock)
    print(taken.operations[0].fate.value, flush=True)
assert parts.worker.stop(20)
print("stopped", flush=True)
"""


class Old:
    """The release before, as a process: told by line, and it says what it did."""

    def __init__(self, process):
        self._process = process

    def hears(self):
        return self._process.stdout.readline().strip()

    def take(self, id_, body):
        told = json.dumps({"id": id_, "body": body.decode()})
        self._process.stdin.write(told + "\n")
        self._process.stdin.flush()
        assert self.hears()


@contextmanager
def old(tmp_path, path):
    folder = tmp_path / "release"
    if not folder.exists():
        zipfile.ZipFile(RELEASE).extractall(folder)
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", OLD, str(folder), SECRET, str(path)]
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        running = Old(process)
        assert "works" == running.hears()
        yield running
        process.stdin.close()
        assert "stopped" == process.stdout.readline().strip()
        assert 0 == process.wait(30)


def tell_old(release, who):
    for client in who:
        line = f"order-{client}"
        sold = {"ref": f"s{client}", "plan_ref": "plain"}
        release.take(line, _body("service.activate", client, sold, line))
    for no in range(TOPUPS):
        for client in who:
            line = f"{client}-{no}"
            sold = {"ref": "credit", "product_ref": "credit10"}
            release.take(f"topup-{line}", _body("topup.paid", client, sold, line))


def tell_new(port, who):
    with Sender(port) as sender:
        for client in who:
            sender.order(client)
        for no in range(TOPUPS):
            for client in who:
                sender.topup(client, f"{client}-{no}")


@pytest.mark.timeout(180)
def test_old_and_new_take_in_and_work_side_by_side(shared, written, backend, tmp_path):
    """F-F3: both take in, both bring accounts in line; all of it once, to the unit."""
    simulator, _, _ = backend
    url = shared.new()
    path = written(url, 1)
    port, database = free_port(), Database(url)
    half = ACCOUNTS // 2
    with (
        running(OURS["door-1"], path, url, port),
        running(OURS["worker-1"], path, url, free_port()),
        old(tmp_path, path) as release,
    ):
        answering(port)
        tell_old(release, range(half))
        tell_new(port, range(half, ACCOUNTS))
        # And each of what the other was told.
        tell_old(release, range(half, ACCOUNTS))
        tell_new(port, range(half))
        done(database, ACCOUNTS * (1 + TOPUPS))
    found = violations(database, simulator)
    database.close()

    assert [] == found
    assert ACCOUNTS == len(simulator.users)
    assert ACCOUNTS * TOPUPS == len(simulator.payments)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("who_works", ["old", "new"])
def test_what_one_took_in_the_other_brings_in_line(
    shared, written, backend, tmp_path, who_works
):
    """F-F3: the web of one version, the worker of the other."""
    simulator, _, _ = backend
    url = shared.new()
    path = written(url, 1)
    port, database = free_port(), Database(url)
    if who_works == "old":
        with running(OURS["door-1"], path, url, port):
            answering(port)
            tell_new(port, range(3))
            with old(tmp_path, path):
                done(database, 3 * (1 + TOPUPS))
    else:
        # It works as well: what it begins, the other may end.
        with (
            old(tmp_path, path) as release,
            running(OURS["worker-1"], path, url, free_port()),
        ):
            tell_old(release, range(3))
            done(database, 3 * (1 + TOPUPS))
    found = violations(database, simulator)
    database.close()

    assert [] == found
    assert 3 * TOPUPS == len(simulator.payments)


@pytest.mark.timeout(120)
def test_an_event_of_a_newer_shape_is_left_to_the_newer_version(
    shared, written, backend
):
    """F-F3: nobody guesses what it means; it waits as it is, and nothing is parked."""
    simulator, _, _ = backend
    url = shared.new()
    path = written(url, 1)
    port, database = free_port(), Database(url)
    with running(OURS["door-1"], path, url, port):
        answering(port)
        tell_new(port, range(1))
        with database.change() as tx:
            rows = tx.execute(sa.select(operation.c.id, operation.c.payload)).all()
            for row in rows:
                newer = operation.c.id == row.id
                tx.execute(
                    sa.update(operation)
                    .where(newer)
                    .values(payload=row.payload | {"v": 2})
                )
        with running(OURS["worker-1"], path, url, free_port()):
            time.sleep(2)
    with database.read() as tx:
        fates = set(tx.execute(sa.select(operation.c.fate)).scalars())
    database.close()

    assert {"accepted"} == fates
    assert {} == simulator.users
