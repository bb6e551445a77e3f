"""Behind a transaction pooler: no session of ours outlives a transaction there."""

import time

import pytest

from bridge.store.database import Database
from tests.machines.test_compose import (
    ACCOUNTS,
    OURS,
    TOPUPS,
    answering,
    done,
    running,
    tell,
)
from tests.matrix.invariants import violations
from tests.offspring import free_port
from tests.pgbouncer import Pooler


@pytest.mark.timeout(180)
def test_the_walk_is_the_same_and_a_restart_of_the_pooler_is_survived(
    postgres, shared, written, backend, tmp_path
):
    """U1: orders and top-ups through pgbouncer; its connections all break once."""
    simulator, _, _ = backend
    direct = shared.new()
    name = direct.rpartition("/")[2].partition("?")[0]
    with Pooler(postgres) as pooler:
        url = pooler.url(name)
        path = written("env:SWITCHHOOK_DATABASE", 1, more=f'listen_url = "{direct}"\n')
        port = free_port()
        with (
            running(OURS["door-1"], path, url, port),
            running(OURS["worker-1"], path, url, free_port()),
            running(OURS["worker-2"], path, url, free_port()),
        ):
            answering(port)
            tell(port)
            pooler.stop()
            time.sleep(0.5)
            pooler.start()
            database = Database(direct)
            done(database, ACCOUNTS * (1 + TOPUPS))
    found = violations(database, simulator)
    database.close()

    assert [] == found
    assert ACCOUNTS * TOPUPS == len(simulator.payments)
