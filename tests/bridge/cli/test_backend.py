"""`switchhook backend`: paused, listed, resumed, beside a running bridge or alone."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
from click.testing import CliRunner

from bridge.cli import main
from bridge.store import backends, lanes
from tests import offspring
from tests.bridge.seen import Watched, calls, orders, until
from tests.conftest import engine  # noqa: F401 - on both databases here
from tests.engines import on_postgresql, on_sqlite

PAUSE = ("backend", "pause", "main", "--because", "night work")


def switchhook(path, *arguments):
    return CliRunner().invoke(main, ["--config", str(path), *arguments])


def said(path, *arguments):
    result = switchhook(path, *arguments, "--json")
    [line] = result.stdout.splitlines()
    return json.loads(line), result.exit_code


def listed(path):
    [shown], code = said(path, "backend", "list")
    assert code == 0
    return shown


def pause_of(rig):
    with rig.database.read() as tx:
        return backends.paused(tx).get("main")


def test_an_open_backend_is_listed_so(rig):
    """U8: exit code 0; nothing waits."""
    assert {
        "backend": "main", "state": "open", "until": None, "because": None,
        "waiting": 0, "oldest_seconds": 0.0, "switched_off": 0, "stopped": 0,
    } == listed(rig.path)  # fmt: skip
    assert "main" in switchhook(rig.path, "backend", "list").output


def test_paused_it_is_listed_with_why_and_what_waits(rig):
    """U8: until a person resumes it: no moment is shown."""
    told, code = said(rig.path, *PAUSE)
    orders(rig, 2)
    rig.run()
    with rig.database.change() as tx:
        lanes.wake(tx, "acct_x", rig.clock.now() - timedelta(minutes=2), "main")
    shown = listed(rig.path)

    assert (0, {"paused": "main", "until": None}) == (code, told)
    assert ("paused by hand", None, "night work", 3) == tuple(
        shown[name] for name in ("state", "until", "because", "waiting")
    )
    assert 119 < shown["oldest_seconds"] < 140
    assert "night work" in switchhook(rig.path, "backend", "list").output


def test_a_pause_for_a_time_is_listed_with_its_end(rig):
    """U8: and once it is over it is open, whether or not anybody works just then."""
    told, code = said(rig.path, *PAUSE, "--for", "30m")
    shown = listed(rig.path)
    left = datetime.fromisoformat(told["until"]) - datetime.now(UTC)
    with rig.database.change() as tx:
        backends.pause(tx, "main", rig.clock.now(), "x", by_hand=True)

    assert 0 == code
    assert told["until"] == shown["until"]
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    assert "open" == listed(rig.path)["state"]


def test_paused_by_itself_is_listed_so(rig):
    """U8: with the moment it is asked again."""
    with rig.database.change() as tx:
        until = rig.clock.now() + timedelta(seconds=30)
        backends.pause(tx, "main", until, "it is away", by_hand=False)
    shown = listed(rig.path)

    assert ("paused", until.isoformat()) == (shown["state"], shown["until"])


def test_words_for_people(rig):
    """U8: without --json, one line."""
    ever = switchhook(rig.path, *PAUSE)
    hour = switchhook(rig.path, *PAUSE, "--for", "1h")
    on = switchhook(rig.path, "backend", "resume", "main")

    assert "main is paused until somebody resumes it\n" == ever.output
    assert hour.output.startswith("main is paused until 20")
    assert "main goes on\n" == on.output
    assert {0} == {ever.exit_code, hour.exit_code, on.exit_code}


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("pause", "mane", "--because", "x"), 1, 'no backend "mane"; there are: main'),
        (("resume", "mane"), 1, 'no backend "mane"; there are: main'),
        (("resume", "main"), 1, "main is not paused; see `switchhook backend`"),
        (("pause", "main"), 2, "--because"),
        (("pause", "main", "--because", "x", "--for", "soon"), 1, '"soon" is no time'),
        (("pause", "main", "--because", "x", "--for", "0m"), 1, '"0m" is no time'),
        (("pause", "main", "--because", "x", "--for", "-5m"), 1, '"-5m" is no time'),
        (("pause", "main", "--because", "x", "--for", "1h30m"), 1, "is no time"),
        (("pause", "main", "--because", "x", "--for", "٣m"), 1, "is no time"),
    ],
)
def test_a_slip_is_said_in_one_line_and_changes_nothing(rig, arguments, code, reason):
    """U8: what is meant, and how it is written."""
    result = switchhook(rig.path, "backend", *arguments)

    assert code == result.exit_code
    assert reason in result.stderr
    assert pause_of(rig) is None


@pytest.mark.parametrize("verb", [("list",), PAUSE[1:], ("resume", "main")])
def test_without_a_configuration_it_says_what_writes_one(tmp_path, verb):
    """No traceback."""
    result = switchhook(tmp_path / "config.toml", "backend", *verb)

    assert 1 == result.exit_code
    assert "is not there; `switchhook init` writes one" in result.stderr


# --- beside a running bridge


@pytest.fixture
def running(rig):
    """`running("serve")`: the program itself; its port where it serves."""
    children = []
    rig.database.close()

    def start(*arguments):
        port = offspring.free_port()
        more = ("--port", str(port)) if arguments[0] == "serve" else ()
        log = (rig.path.parent / "log").open("wb")
        child = subprocess.Popen(
            [sys.executable, "-m", "bridge.cli", "--config", str(rig.path),
             *arguments, *more],
            stdout=log, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        children.append((child, log))
        if more:
            until(lambda: alive(port), within=20)
        else:
            until(lambda: b"works" in (rig.path.parent / "log").read_bytes(), 20)
        return child, port

    yield start
    for child, log in children:
        offspring.stop(child, signal.SIGTERM, 20)
        log.close()


def alive(port):
    try:
        return requests.get(f"http://127.0.0.1:{port}/livez", timeout=1).ok
    except requests.ConnectionError:
        return False


@on_sqlite
def test_a_running_serve_hears_of_it_through_the_socket(pair, running):
    """U8: on SQLite it writes for us: paused, held, resumed, and done at once."""
    rig, simulator = pair
    watched = Watched(simulator)
    _, port = running("serve")
    told, code = said(rig.path, *PAUSE)
    shown = listed(rig.path)
    again, _ = said(rig.path, *PAUSE, "--for", "2h")
    trigger = switchhook(
        rig.path, "trigger", "service.activate", "--service", "1", "--client", "7",
        "--product", "starter", "--line", "1", "--no-wait", "--source", "shop",
        "--url", f"http://127.0.0.1:{port}",
    )  # fmt: skip
    time.sleep(0.3)
    held = watched.calls
    _, resumed = said(rig.path, "backend", "resume", "main")
    until(lambda: set(rig.fates().values()) == {"done"})
    twice = switchhook(rig.path, "backend", "resume", "main")

    assert (0, {"paused": "main", "until": None}) == (code, told)
    assert "paused by hand" == shown["state"]
    assert again["until"]
    assert (0, 0) == (trigger.exit_code, held)
    assert 0 == resumed
    assert 1 == twice.exit_code
    assert "backend main is not paused" in twice.stderr
    assert 0o600 == (rig.path.parent / "bridge.db.sock").stat().st_mode & 0o777


@on_postgresql
def test_on_postgresql_it_is_said_to_the_database_and_all_workers_hear(pair, running):
    """U8: `serve --workers 0` takes in, `worker` works, and neither is asked."""
    rig, simulator = pair
    running("serve", "--workers", "0")
    order = rig.order()
    time.sleep(0.3)
    unworked, before = rig.fates(), calls(simulator)
    said(rig.path, *PAUSE)
    worker, _ = running("worker")
    time.sleep(0.5)
    held = calls(simulator)
    said(rig.path, "backend", "resume", "main")
    until(lambda: rig.fates() == {"order": "done"})
    worker.send_signal(signal.SIGTERM)

    assert 202 == order.status_code
    assert ({"order": "accepted"}, []) == (unworked, before)
    assert [] == held
    assert 0 == worker.wait(10)
