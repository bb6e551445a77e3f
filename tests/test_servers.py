"""The servers the tests start: there when needed, as told, and gone afterwards."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests import offspring
from tests.pgbouncer import Pooler
from tests.postgres import SWITCH, Postgres

KILLED = """
import os, signal
from tests.pgbouncer import Pooler
from tests.postgres import Postgres
server = Postgres().__enter__()
pooler = Pooler(server).__enter__()
print(server.pid, pooler.pid, server.folder, pooler.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def row(postgres):
    """`row(url)`: what a fresh connection reads there."""

    def read(url, query="SELECT 1"):
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as tx:
            return tx.execute(sa.text(query)).scalar()

    return read


def is_there(pid):
    """Running; one that is dead and only not yet buried is not."""
    try:
        shown = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return shown.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(SWITCH in os.environ, reason=f"{SWITCH} chose another version")
def test_a_server_is_ours_and_not_roots(postgres):
    """Nothing that was installed by hand is used, and nothing runs as root."""
    assert offspring.user() == postgres.data.owner()
    assert [(str(postgres.data),)] == postgres.say("SHOW data_directory")
    assert 18 == int(postgres.say("SHOW server_version_num")[0][0]) // 10_000


def test_settings_are_the_servers_own_and_the_plug_can_be_pulled():
    """Durable: what was committed is there again after it was killed."""
    with Postgres(durable=True, deadlock_timeout="200ms") as server:
        name = server.create("kept")
        server.say("CREATE TABLE kept AS SELECT 7 AS it", name)
        port, before = server.port, server.pid
        server.stop(immediate=True)
        with pytest.raises(psycopg.OperationalError):
            server.say("SELECT 1")
        server.start()

        assert (port, [(7,)]) == (server.port, server.say("SELECT it FROM kept", name))
        assert before != server.pid
        assert [("200ms",)] == server.say("SHOW deadlock_timeout")
        assert [("on",)] == server.say("SHOW fsync")
        folder = server.folder
    assert not folder.exists()


def test_a_setting_nobody_knows_says_so():
    """The server's own words are shown, not only that it did not start."""
    with pytest.raises(RuntimeError, match='parameter "no_such_thing"'):
        Postgres(no_such_thing=1).__enter__()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as somebody else")
def test_a_folder_the_server_cannot_reach_is_named(tmp_path):
    """pytest's folders are closed to all others; the way out is said."""
    with pytest.raises(RuntimeError, match=r"cannot reach .* give a folder"):
        Postgres(tmp_path).__enter__()


def test_a_folder_without_programs_is_named(monkeypatch, tmp_path):
    """A slip in the environment variable is told before anything is started."""
    monkeypatch.setenv(SWITCH, str(tmp_path))

    with pytest.raises(RuntimeError, match=f"{SWITCH} is {tmp_path}, where there is"):
        Postgres().__enter__()


def test_behind_a_pooler_many_clients_share_one_connection(postgres, row):
    """Transaction mode: the server sees one process, however many clients come."""
    backend = "SELECT pg_backend_pid()"
    with Pooler(postgres, default_pool_size=1) as pooler:
        url = pooler.url("postgres")

        assert 1 == len({row(url, backend) for _ in range(5)})
    with pytest.raises(sa.exc.OperationalError):
        row(url)


@pytest.mark.skipif(sys.platform != "linux", reason="a parent-death signal is Linux's")
def test_servers_do_not_outlive_tests_that_were_killed():
    """SIGKILL leaves nobody the time to stop anything."""
    # Guard off (no parent-death signal): red.
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True
    ) as run:
        *pids, server, pooler = run.stdout.readline().split()
    until = time.monotonic() + 10
    while any(is_there(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    left = [int(pid) for pid in pids if is_there(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    for folder in (server, pooler):
        offspring.forget(folder)

    assert -signal.SIGKILL == run.returncode
    assert [] == left
