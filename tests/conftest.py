"""What every suite shares: a simulator, a bridge beside it, no net but loopback."""

from __future__ import annotations

import socket
from itertools import count
from pathlib import Path

import pytest

from provisioning.simulator import Server, Settings
from tests import browser, engines
from tests.postgres import Postgres
from tests.rig import Rig, close_all, random_names

pytest_plugins = ("tests.memory", "tests.promises")

FIRST = ("matrix", "rigs", "hooks")
"""Whose tests take longest, by folder: begun first, nobody waits for one at the end."""

NUMBERS = count(1)
REAL_CONNECT = socket.socket.connect


def pytest_addoption(parser):
    parser.addoption("--matrix", choices=["pairwise", "whole"], default="pairwise")
    parser.addoption("--kills", choices=["some", "whole"], default="some")
    parser.addoption("--snapshots", choices=["compare", "write"], default="compare")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(
        key=lambda item: places.get(item.path.relative_to(here).parts[0], len(FIRST))
    )


def pytest_terminal_summary(terminalreporter):
    """Figures that tests measured, also where they ran in other processes."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "figures":
                terminalreporter.write_line(text)


def _only_loopback(self, address):
    if self.family in {socket.AF_INET, socket.AF_INET6}:
        host = str(address[0])
        if not (host.startswith("127.") or host == "::1"):
            raise AssertionError(f"a test wants to reach {host}")
    return REAL_CONNECT(self, address)


@pytest.fixture(autouse=True, scope="session")
def loopback_only():
    """No test leaves this machine."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _only_loopback)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def host():
    """One simulator process for all; each test has an instance of its own in it."""
    with Server() as server:
        yield server


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """An SQLite file of this version."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    engines.upgraded(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres():
    """One server a process, started when the first test asks."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres):
    """The name of a database of this version; nobody is connected to it."""
    engines.upgraded(postgres.url(postgres.create(engines.TEMPLATE)))
    return engines.TEMPLATE


@pytest.fixture(params=engines.NAMES)
def engine(request):
    """Whoever asks for a database runs on both; `engine.new(folder)` is its address."""
    if request.param == "sqlite":
        made = engines.SQLite(request.getfixturevalue("template"))
    else:
        server = request.getfixturevalue("postgres")
        template = request.getfixturevalue("postgres_template")
        made = engines.PostgreSQL(server, template)
    yield made
    close_all()
    made.close()


@pytest.fixture
def make(host, engine, tmp_path):
    """A bridge beside a simulator: `rig, simulator = make(settle=2.0)`."""

    def build(**set_):
        names, instance = random_names(), f"rig-{next(NUMBERS)}"
        listed = set_.get("listed", False)
        everybody = set_.get("everybody", False)
        settings = Settings(names=names, payments_listed=listed, users_listed=everybody)
        simulator = host.new(instance, settings)
        folder = tmp_path / instance
        folder.mkdir()
        rig = Rig.made(folder, engine, f"{host.url}/{instance}", names, **set_)
        return rig, simulator

    return build


@pytest.fixture
def pair(make):
    return make()


@pytest.fixture
def rig(pair):
    return pair[0]


@pytest.fixture
def simulator(pair):
    return pair[1]


@pytest.fixture(scope="session")
def chromium():
    """One browser a process."""
    with browser.chromium() as started:
        yield started
