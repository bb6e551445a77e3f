"""A fleet beside a simulator: on an SQLite file, or on a PostgreSQL that keeps."""

import pytest

from provisioning.simulator import Settings
from tests import engines
from tests.postgres import Postgres
from tests.rig import random_names
from tests.rigs.fleet import fleet


@pytest.fixture(scope="package")
def durable():
    """A server that loses nothing it has said yes to."""
    with Postgres(durable=True, deadlock_timeout="100ms") as server:
        engines.upgraded(server.url(server.create(engines.TEMPLATE)))
        yield server


@pytest.fixture(params=engines.NAMES)
def kept(request):
    """Either database, as it would be in production."""
    if request.param == "sqlite":
        made = engines.SQLite(request.getfixturevalue("template"))
    else:
        server = request.getfixturevalue("durable")
        made = engines.PostgreSQL(server, engines.TEMPLATE)
    yield made
    made.close()


@pytest.fixture
def make_fleet(host, kept, tmp_path):
    """`fleet, simulator = make_fleet()`: put together, not started."""
    made = []

    def build():
        names, instance = random_names(), f"fleet-{next(engines.NUMBERS)}"
        simulator = host.new(instance, Settings(names=names))
        folder = tmp_path / instance
        folder.mkdir()
        url = f"{host.url}/{instance}"
        made.append(fleet(folder, kept.new(folder), url, names))
        return made[-1], simulator

    yield build
    for each in made:
        each.close()
