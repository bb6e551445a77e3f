"""A simulator's instance, an account's worth of configuration, and a sum at the end."""

import pytest

from provisioning.simulator import Settings
from tests import engines
from tests.rig import random_names
from tests.rigs.fleet import CONFIG, KEY, LEASE, SECRET


@pytest.fixture
def backend(host):
    """An instance of the simulator, its address, and what it calls each thing."""
    names, instance = random_names(), f"machines-{next(engines.NUMBERS)}"
    simulator = host.new(instance, Settings(names=names))
    return simulator, f"{host.url}/{instance}", names


@pytest.fixture
def written(backend, tmp_path):
    """`written(database, port)`: a configuration in the test's folder."""
    _, url, names = backend
    shown = "\n".join(
        f'{n} = "{getattr(names, n)}"' for n in names.__dataclass_fields__
    )

    def write(database, port, more=""):
        path = tmp_path / "config.toml"
        path.write_text(
            more
            + CONFIG.format(
                database=database, key=KEY, lease=LEASE, port=port, secret=SECRET,
                url=url, fields=shown,
            )
        )  # fmt: skip
        return path

    return write


@pytest.fixture
def shared(postgres, postgres_template):
    """A PostgreSQL database of the test's own, at this version or empty."""
    made = engines.PostgreSQL(postgres, postgres_template)
    yield made
    made.close()
