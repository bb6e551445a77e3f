"""compose.yaml is run, but for its containers: its commands on a PostgreSQL of ours."""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from bridge.cli import main
from bridge.config import load
from bridge.store.attempts import OPEN
from bridge.store.tables import account, attempt, operation
from provisioning.simulator import Settings
from tests.engines import on_postgresql
from tests.matrix.invariants import violations
from tests.offspring import free_port
from tests.rig import random_names
from tests.rigs.fleet import Fleet, Process, Sender, all_at_once, configured

FILE = Path(__file__).parent.parent / "compose.yaml"
TOLD = yaml.safe_load(FILE.read_text())
OURS = {name: told for name, told in TOLD["services"].items() if name != "db"}
CORE = {name: told for name, told in OURS.items() if "profiles" not in told}
PAGES = {"console": "console", "shop": "street"}
"""Those somebody asks for, and where the configuration says they answer."""
BIN = Path(sys.executable).parent
CLIENTS, EACH = 12, 4
LINES = [f"{client}-{n}" for n in range(EACH) for client in range(CLIENTS)]


class Service(Process):
    """One of compose.yaml; on one machine, each needs a port of its own."""

    def __init__(self, folder: Path, name: str, database: str) -> None:
        told = OURS[name]["environment"]
        env = told | {
            "SWITCHHOOK_DATABASE": database,
            "SWITCHHOOK_CONFIG": str(folder / Path(told["SWITCHHOOK_CONFIG"]).name),
            "ICTBROADCAST_PASSWORD": "simulator",
        }
        super().__init__(folder, *OURS[name]["command"], env=env)
        self.name = name
        self.port = free_port() if "ports" in OURS[name] else None

    def command(self) -> list[str]:
        program, *rest = self._verb
        port = ["--port", str(self.port)] if self.port else []
        return [str(BIN / program), *rest, *port]


@pytest.fixture
def composed(host, engine, tmp_path):
    """All services but the database, which is ours and empty."""
    names, instance = random_names(), "composed"
    simulator = host.new(instance, Settings(names=names))
    written = configured(
        tmp_path, "env:SWITCHHOOK_DATABASE", f"{host.url}/{instance}", names, 8480
    )
    text = written.read_text()
    written.write_text(text.replace('"simulator"', '"env:ICTBROADCAST_PASSWORD"'))
    url = engine.empty()
    services = [Service(tmp_path, name, url) for name in CORE]
    first, *others = [s.port for s in services if s.port]
    fleet = Fleet(tmp_path, url, services, first, tuple(others))
    yield fleet, simulator
    fleet.close()


def through(ports, do):
    """Every door is told everything, at once: each event comes once by each."""

    def tell(number):
        with Sender(ports[number]) as sender:
            do(sender)

    for thread in all_at_once(tell, len(ports)):
        thread.join()


def order_all(sender):
    for client in range(CLIENTS):
        sender.order(client)


def topup_all(sender):
    for line in LINES:
        sender.topup(int(line.split("-")[0]), line)


@on_postgresql
@pytest.mark.timeout(240)
def test_what_compose_starts_makes_everything_once(composed):
    """I1: all start on an empty database; two doors hear each event at once, and in
    the middle both workers are told to stop, and are started again."""
    fleet, simulator = composed
    fleet.start()
    ports = (fleet.port, *fleet.doors)
    through(ports, order_all)
    workers = [s for s in fleet.processes if s.name.startswith("worker")]
    [telling] = all_at_once(lambda _: through(ports, topup_all), 1)
    time.sleep(0.7)
    for worker in workers:
        worker.signal(signal.SIGTERM)
    for worker in workers:
        worker.wait()
    drained = fleet.asked(sa.select(attempt.c.id).where(attempt.c.state.in_(OPEN)))
    codes = [worker.ended for worker in workers]
    for worker in workers:
        worker.start()
    telling.join()
    fleet.until_done(CLIENTS + len(LINES), within=90)
    fleet.stop()
    paid = Counter(payment.reference for payment in simulator.payments)

    assert ([], [0, 0]) == (drained, codes)
    assert CLIENTS == len(fleet.asked(sa.select(account.c.id)))
    assert {f"shop:{line}/topup": 1 for line in LINES} == paid
    assert {"done"} == set(fleet.asked(sa.select(operation.c.fate)))
    assert [] == violations(fleet.database, simulator)
    assert "Traceback" not in fleet.log()


@pytest.mark.parametrize("name", OURS)
def test_a_service_waits_for_a_database_that_is_there(name):
    """The one it is sent to stands in the file, and is ready first."""
    told = OURS[name]

    assert told["environment"]["SWITCHHOOK_DATABASE"].endswith("@db/switchhook")
    assert "service_healthy" == told["depends_on"]["db"]["condition"]
    assert {"healthcheck", "environment"} <= TOLD["services"]["db"].keys()


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_there_for_whoever_asks_for_them(name, tmp_path):
    """A shop that no brand has would not start: neither comes by itself. The port is
    the configuration's, and other machines come by a proxy alone."""
    told = OURS[name]
    written = configured(
        tmp_path, "sqlite:///x.db", "http://localhost:1", random_names(), 8480
    )
    where = getattr(load(written), PAGES[name])

    assert set(OURS) - set(CORE) == set(PAGES)
    assert [name] == told["profiles"]
    assert ["switchhook", name] == told["command"]
    assert name in main.commands
    assert [f"127.0.0.1:{where.port}:{where.port}"] == told["ports"]
