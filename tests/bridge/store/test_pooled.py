"""Behind a transaction pooler a session is nobody's: nothing may be left in it."""

import re
import time
from collections import Counter

import pytest
import sqlalchemy as sa

from provisioning.simulator import Settings
from tests.pgbouncer import Pooler
from tests.postgres import Postgres
from tests.rig import Rig, close_all, random_names, write_config

CLIENTS, EACH = 4, 3
LEFT_BEHIND = re.compile(
    r"execute (?!<unnamed>)\S+:"  # a prepared statement with a name
    r"|statement: (SET (?!LOCAL)|LISTEN|PREPARE|DECLARE \S+ CURSOR WITH HOLD)"
    r"|pg_(try_)?advisory_lock|CREATE TEMP",
    re.IGNORECASE,
)


@pytest.fixture
def told():
    """A server that writes down every statement, and a pooler before it."""
    with Postgres(log_statement="all") as server, Pooler(server) as pooler:
        yield server, pooler
        close_all()


@pytest.mark.timeout(60)
def test_nothing_is_left_in_a_session(told, host, tmp_path):
    """U1: tables, orders, top-ups: each transaction stands alone."""
    # Guard off (prepared statements as the driver likes them): red.
    server, pooler = told
    name, names = server.create("pooled"), random_names()
    host.new("pooled", Settings(names=names))
    path = write_config(
        tmp_path, f"{host.url}/pooled", names, database=pooler.url(name)
    )
    path.write_text(f'listen_url = "{server.url(name)}"\n{path.read_text()}')
    rig = Rig(path)
    rig.database.upgrade()
    rig.parts.worker.start()
    for client in map(str, range(CLIENTS)):
        rig.order(client, id_=f"order-{client}", line=f"o{client}", client=client)
        for no in range(EACH):
            rig.topup(f"{client}-{no}", client=client)
    last = time.monotonic() + 30
    while Counter(rig.fates().values()) != {"done": CLIENTS * (1 + EACH)}:
        assert time.monotonic() < last, rig.fates()
        time.sleep(0.05)
    rig.parts.worker.stop(5)
    with rig.database.change() as tx:
        tx.execute(sa.text("SELECT 'the last word'"))
    lines = server.log.read_text().splitlines()

    assert "the last word" in "\n".join(lines)
    assert [] == [line for line in lines if LEFT_BEHIND.search(line)]
