"""The verbs are tried where they hold the lock of the one process: on SQLite."""

import pytest

from tests import engines
from tests.rig import close_all


@pytest.fixture
def engine(template):
    yield engines.SQLite(template)
    close_all()
