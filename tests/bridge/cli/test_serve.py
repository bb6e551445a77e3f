"""`serve` and `worker`: what they refuse to begin, and why."""

import os
import socket
import threading
from dataclasses import replace

import pytest
from click.testing import CliRunner

from bridge import lifecycle, port, served
from bridge.cli import answering, main
from bridge.lock import Lock
from tests.conftest import engine  # noqa: F401 - on both databases here
from tests.engines import on_postgresql, on_sqlite


def switchhook(path, *arguments):
    return CliRunner().invoke(main, ["--config", str(path), *arguments])


class Asked:
    """What the web server would be told; it serves nobody."""

    def __init__(self, monkeypatch):
        self.told = None
        monkeypatch.setattr(answering, "Granian", self)
        for name in ("SWITCHHOOK_CONFIG", served.WORKERS):
            monkeypatch.setenv(name, "")
            monkeypatch.delenv(name)

    def __call__(self, target, **told):
        self.told = told | {"target": target}
        return self

    def serve(self):
        self.environment = dict(os.environ)


@pytest.fixture
def asked(monkeypatch):
    return Asked(monkeypatch)


def rewritten(rig, old, new):
    text = rig.path.read_text()
    rig.path.write_text(text.replace(old, new, 1))


SERVE = "[sources.shop]"


@on_sqlite
def test_on_sqlite_there_is_no_worker_of_its_own(rig):
    """U8: two that write would spoil the file."""
    result = switchhook(rig.path, "worker")

    assert 1 == result.exit_code
    assert "on SQLite one process does all: run `switchhook serve`" in result.stderr


@on_sqlite
def test_on_sqlite_the_work_cannot_be_left_to_others(rig, asked):
    """U8: nobody would do it."""
    result = switchhook(rig.path, "serve", "--workers", "0")

    assert 1 == result.exit_code
    assert "leave out --workers 0" in result.stderr
    assert asked.told is None


@pytest.mark.parametrize("table", ["serve", "console"])
def test_a_port_of_another_is_refused_before_anything_listens(
    make, asked, table, monkeypatch
):
    """U1: the web server shares its port: two bridges would each hear some events."""
    # Guard off (`wanted` not asked in `answer`): red, it is told to serve.
    monkeypatch.setattr(port.wanted, "__defaults__", (0.1,))
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        rig, _ = make(more=f"[{table}]\nport = {taken}\n")
        result = switchhook(rig.path, table)

    assert 1 == result.exit_code
    assert f"127.0.0.1:{taken} cannot be had (Address already in use)" in result.stderr
    assert f"set {table}.host and {table}.port" in result.stderr
    assert (None, "") == (asked.told, result.stdout)


@on_sqlite
def test_on_sqlite_a_bridge_that_runs_is_named(rig, asked, monkeypatch):
    """U8: in a line, and before anything listens."""
    # Guard off (`tried` not called in `serve`): red, it is told to serve.
    monkeypatch.setattr(Lock.take, "__defaults__", (0.1,))
    other = Lock(str(rig.database.url.database))
    other.take()
    result = switchhook(rig.path, "serve")
    other.drop()

    assert 1 == result.exit_code
    assert "there is one process: stop that one first" in " ".join(
        result.stderr.split()
    )
    assert (None, "") == (asked.told, result.stdout)


@on_sqlite
def test_on_sqlite_one_process_serves(rig, asked):
    """U8: said before anything listens."""
    rewritten(rig, SERVE, f"[serve]\nprocesses = 2\n{SERVE}")
    result = switchhook(rig.path, "serve")

    assert 1 == result.exit_code
    assert "serve.processes: on SQLite one process writes" in result.stderr
    assert asked.told is None


@on_postgresql
def test_on_postgresql_many_processes_serve(rig, asked):
    """U8: as many as the configuration says, with its threads."""
    rewritten(rig, SERVE, f"[serve]\nprocesses = 3\nthreads = 5\n{SERVE}")
    result = switchhook(rig.path, "serve", "--workers", "0")

    assert 0 == result.exit_code
    assert (3, 5) == (asked.told["workers"], asked.told["blocking_threads"])
    assert "0" == asked.environment[served.WORKERS]


def test_port_and_number_of_the_command_line_go_before_the_files(rig, asked):
    """U8: and are said on the screen."""
    result = switchhook(rig.path, "serve", "--port", "8999", "--workers", "3")

    assert 0 == result.exit_code
    assert "http://127.0.0.1:8999" in result.output
    assert 8999 == asked.told["port"]
    assert "3" == asked.environment[served.WORKERS]
    assert str(rig.path) == asked.environment["SWITCHHOOK_CONFIG"]


@pytest.mark.parametrize(
    "more", [("--port", "0"), ("--port", "70000"), ("--workers", "-1")]
)
def test_what_cannot_be_a_port_or_a_number_is_refused(rig, asked, more):
    """Exit code 2, before anything listens."""
    assert 2 == switchhook(rig.path, "serve", *more).exit_code
    assert asked.told is None


@pytest.mark.parametrize(("told", "calls"), [("3", 3), ("0", 8), (None, 8)])
def test_the_number_reaches_the_gates(rig, monkeypatch, told, calls):
    """U8: `serve --workers 3` is three calls at once to a backend that says nothing."""
    # Guard off (only serve.workers is replaced): red, 8.
    monkeypatch.setenv("SWITCHHOOK_CONFIG", str(rig.path))
    monkeypatch.delenv(served.WORKERS, raising=False)
    if told:
        monkeypatch.setenv(served.WORKERS, told)
    started = []
    monkeypatch.setattr(lifecycle, "start", lambda config, _: started.append(config))
    served.bridge()
    [config] = started

    assert calls == config.caps["main"].calls
    assert (8 if told is None else int(told)) == config.serve.workers


@on_postgresql
def test_who_only_serves_starts_no_worker(rig, monkeypatch):
    """U8: workers = 0: the tables are made, and the accounts left to others."""
    parts = rig.parts
    monkeypatch.setattr(lifecycle, "assemble", lambda new: replace(parts, config=new))
    serving = lifecycle.start(
        replace(parts.config, serve=replace(parts.config.serve, workers=0))
    )

    assert 200 == serving.test_client().get("/livez").status_code
    assert [] == [t for t in threading.enumerate() if t.name == "listener"]
