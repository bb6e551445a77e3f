"""Whoever calls a verb waits for what that needs, and for nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bridge.cli.test_cli import said, switchhook

ROOT = Path(__file__).parents[3]
PROGRAM = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps([*sys.modules]), file=sys.stderr))
from bridge.cli import main
main()
"""
BRIDGE = {"alembic", "apscheduler", "bridge.parts", "bridge.runner", "requests"}
WEB = {"bridge.app", "bridge.lifecycle", "flask", "werkzeug"}
PAGES = {"bridge.web.console", "bridge.web.shop"}
SERVED = WEB | PAGES | {"granian", "provisioning.simulator"}
HEAVY = BRIDGE | SERVED | {"jinja2"}
LIGHT = {
    ("--help",): HEAVY | {"bridge.config", "marshmallow", "rich", "sqlalchemy"},
    ("event", "list"): HEAVY,
    ("ledger",): HEAVY,
    ("alert", "list"): HEAVY,
    ("audit", "list"): HEAVY,
    ("user", "list"): HEAVY,
    ("show", "shop:1"): SERVED,
    ("simulator", "--help"): BRIDGE | {"bridge.app", "bridge.lifecycle"} | PAGES,
    ("serve", "--help"): PAGES | {"provisioning.simulator"},
    ("console", "--help"): PAGES,
}
"""What each does not load. The console's own process loads its pages, and only it."""


@pytest.mark.parametrize("verb", LIGHT, ids=" ".join)
def test_a_verb_loads_what_it_carries_out(rig, verb):
    """As an operator calls it: by itself, in a process of its own."""
    # Guard off (`kept` instead of `written` in `event list`): red, with a whole bridge.
    rig.order()
    rig.run()
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--config", str(rig.path), *verb],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = json.loads(ended.stderr.splitlines()[-1])

    assert "bridge.cli.verbs" in loaded
    assert not LIGHT[verb] & set(loaded)


def test_what_is_written_down_is_read_whatever_is_wrong_beside_it(rig):
    """U9: a backend nobody can make any more keeps no one from looking what was."""
    rig.order("1")
    text = rig.path.read_text()
    rig.path.write_text(text.replace('kind = "ictbroadcast"', 'kind = "gone"', 1))
    [event], code = said(rig.path, "event", "list")
    acting = switchhook(rig.path, "event", "retry", event["operation"])

    assert (0, 1) == (code, acting.exit_code)
    assert 'backend "main": there is no kind "gone"' in acting.stderr
    assert "service.activate" == event["type"]
