"""A rolling deploy: the last release goes on beside this version until it stops."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from bridge.store import payload, revisions
from bridge.store.tables import account, lane, operation
from provisioning.simulator import Settings
from tests.engines import NAMES, NUMBERS
from tests.matrix.invariants import violations
from tests.offspring import free_port
from tests.rig import random_names
from tests.rigs.fleet import Fleet, Process, Sender, all_at_once, configured
from tests.rigs.old import unpacked

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.parametrize("kept", NAMES[1:], indirect=True),
]

PROGRAM = Path(__file__).with_name("old.py")
CLIENTS, EACH = 30, 4
NEWER = payload.VERSION + 1
LINES = [f"{client}-{n}" for n in range(EACH) for client in range(CLIENTS)]
DOORS = {"old door", "new door"}
TOGETHER = {
    "old inbox, new worker": ("old door", "new worker"),
    "new inbox, old worker": ("new door", "old worker"),
    "both at once": ("old door", "new door", "old worker", "new worker"),
}


class Old(Process):
    """A process of the last release."""

    def __init__(self, folder: Path, what: str, port: int) -> None:
        released = str(unpacked(folder))
        super().__init__(folder, what, str(port), env={"PYTHONPATH": released})

    def command(self) -> list[str]:
        return [sys.executable, str(PROGRAM), str(self._folder), *self._verb]


@pytest.fixture
def deployed(host, kept, tmp_path):
    """`deployed("old door", "new worker")`: put together, not started."""
    made = []

    def build(*who):
        names, instance = random_names(), f"deployed-{next(NUMBERS)}"
        simulator = host.new(instance, Settings(names=names))
        ports = {name: free_port() for name in who if name in DOORS}
        url = kept.new(tmp_path)
        at = ports.get("new door", free_port())
        configured(tmp_path, url, f"{host.url}/{instance}", names, at)
        made_of = [_process(tmp_path, name, ports.get(name, 0)) for name in who]
        first, *others = ports.values()
        made.append(Fleet(tmp_path, url, made_of, first, tuple(others)))
        return made[-1], simulator

    yield build
    for fleet in made:
        fleet.close()


def _process(folder, name, port):
    age, what = name.split()
    if age == "old":
        return Old(folder, what, port)
    return Process(folder, *{"door": ("serve", "--workers", "0")}.get(what, (what,)))


def tell_all(ports):
    """Each client's words in their order, by whichever door, some by both."""

    def tell(number):
        with Sender(ports[number % len(ports)]) as sender:
            for client in range(CLIENTS):
                sender.order(client)
            for line in LINES:
                sender.topup(int(line.split("-")[0]), line)

    for thread in all_at_once(tell, 2):
        thread.join()


@pytest.mark.parametrize("who", TOGETHER.values(), ids=TOGETHER)
def test_beside_the_last_release_everything_happens_once(deployed, who):
    """Both versions read and write one queue and one ledger.

    What 0.1.0 woke nobody for goes on when a worker of this version is there, as one
    is at the end of every deploy: see `store/missed`.
    """
    fleet, simulator = deployed(*who)
    fleet.start()
    tell_all((fleet.port, *fleet.doors))
    fleet.until_done(CLIENTS + len(LINES), within=120)
    alive = [not process.gone for process in fleet.processes]
    fleet.stop()
    fleet.processes.append(_process(fleet.folder, "new worker", 0))
    fleet.processes[-1].start()
    fleet.until_nothing_waits(within=60)
    fleet.stop()
    paid = Counter(payment.reference for payment in simulator.payments)

    assert all(alive), fleet.log()[-4000:]
    assert {} == fleet.why_not_done()
    assert {f"shop:{line}/topup": 1 for line in LINES} == paid
    assert CLIENTS == len(fleet.asked(sa.select(account.c.id)))
    assert [] == violations(fleet.database, simulator)


def test_an_event_of_a_newer_version_is_left_alone(deployed):
    """Its shape is not ours: nobody guesses, and it waits for who knows it."""
    # Guard off (no look at the shape's version): red, it is credited.
    fleet, simulator = deployed("new door", "new worker")
    _, worker = fleet.processes
    fleet.start()
    with Sender(fleet.port) as sender:
        sender.order(1)
        fleet.until_done(1, within=30)
        worker.stop()
        sender.topup(1, "9")
    newer = operation.c.event == "topup-9"
    with fleet.database.change() as tx:
        told = tx.execute(sa.select(operation.c.payload).where(newer)).scalar_one()
        changed = sa.update(operation).where(newer)
        tx.execute(changed.values(payload=told | {"v": NEWER}))
    worker.start()
    fleet.until_it_says("left to a newer version")
    fleet.stop()
    fates = sa.select(operation.c.fate).where(newer)

    assert [] == simulator.payments
    assert ["accepted"] == fleet.asked(fates)
    assert [] == fleet.asked(sa.select(lane.c.token).where(lane.c.tries > 0))


def test_the_last_release_does_not_start_on_this_versions_database(deployed, tmp_path):
    """A restart in the middle of a deploy takes the new version, or says no."""
    deployed("old door")
    start = "from bridge import app, config; from pathlib import Path;"
    start += " app.start(config.load(Path('config.toml')))"
    ended = subprocess.run(
        [sys.executable, "-c", start],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "released")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert 1 == ended.returncode
    newest = revisions.newest()
    assert f"Can't locate revision identified by '{newest}'" in ended.stderr
