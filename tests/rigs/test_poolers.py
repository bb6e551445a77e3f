"""A transaction pooler before PostgreSQL: the whole walk, and the pooler goes away."""

import time
from collections import Counter

import pytest
import sqlalchemy as sa

from bridge.store.tables import account
from tests.engines import NAMES
from tests.matrix.invariants import violations
from tests.pgbouncer import Pooler
from tests.rigs.fleet import PATIENCE, Sender, all_at_once

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.parametrize("kept", NAMES[1:], indirect=True),
]

CLIENTS, EACH, SENDERS = 12, 8, 3
LINES = [f"{client}-{n}" for n in range(EACH) for client in range(CLIENTS)]
CONNECTIONS = 8
"""To the server, for three processes that would open more."""


WORKERS = 2
LISTENING = sa.text(
    "SELECT pid FROM pg_stat_activity"
    " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
)


@pytest.fixture
def pooled(make_fleet, durable):
    """A fleet whose database is the pooler; for hints it asks PostgreSQL itself."""
    fleet, simulator = make_fleet()
    path = fleet.folder / "config.toml"
    with Pooler(durable, default_pool_size=CONNECTIONS) as pooler:
        behind = pooler.url(sa.make_url(fleet.url).database)
        told = f'database = "{behind}"\nlisten_url = "{fleet.url}"'
        path.write_text(path.read_text().replace(f'database = "{fleet.url}"', told))
        yield fleet, simulator, pooler
        fleet.close()


def test_behind_a_pooler_that_is_restarted_everything_happens_once(pooled):
    """F-A3: connections are shared, and then all are lost at once."""
    # Guard off (prepared statements kept behind a pooler): red, it knows no such one.
    fleet, simulator, pooler = pooled
    fleet.start()
    with Sender(fleet.port) as sender:
        for client in range(CLIENTS):
            sender.order(client)
    fleet.until_done(CLIENTS, within=60)

    def send(first):
        with Sender(fleet.port) as sender:
            for line in LINES[first::SENDERS]:
                sender.topup(int(line.split("-")[0]), line)

    threads = all_at_once(send, SENDERS)
    threads[0].join(0.4)
    pooler.stop()
    threads[0].join(1.0)
    pooler.start()
    for thread in threads:
        thread.join()
    fleet.until_done(CLIENTS + len(LINES), within=90)
    alive = [not process.gone for process in fleet.processes]
    fleet.stop()
    paid = Counter(payment.reference for payment in simulator.payments)

    assert all(alive)
    assert {f"shop:{line}/topup": 1 for line in LINES} == paid
    assert CLIENTS == len(fleet.asked(sa.select(account.c.id)))
    assert {} == fleet.why_not_done()
    assert [] == violations(fleet.database, simulator)


def test_workers_listen_at_postgresql_itself(pooled):
    """Hints do not pass a pooler: both workers are there past it."""
    # Guard off (listening at `database`): red, nobody is left listening.
    fleet, _, pooler = pooled
    fleet.start()
    until = time.monotonic() + PATIENCE
    while fleet.log().count("switchhook works") < WORKERS:
        assert time.monotonic() < until, fleet.log()[-4000:]
        time.sleep(0.1)
    pooler.stop()
    while len(found := fleet.asked(LISTENING)) < WORKERS:
        assert time.monotonic() < until, f"{len(found)} listen"
        time.sleep(0.1)

    assert WORKERS == len(found)
