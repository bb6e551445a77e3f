"""`switchhook clock`: business time moved on in a demo, to see what is due then."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.error import URLError

import click

from bridge.advancing import NO_DEMO
from bridge.cli.backend import in_seconds
from bridge.cli.output import as_json, fail, kept, line, order, speaks
from bridge.parts import Parts
from bridge.store import facts
from provisioning.core.sentences import minute
from provisioning.simulator import Control

PATIENCE = 10.0
"""Seconds for what is under way to end."""


@click.group()
def clock() -> None:
    """Time, in a demo."""


@clock.command()
@click.argument("duration")
@as_json
@click.pass_obj
@speaks
def advance(path: Path, duration: str, plain: bool) -> None:
    """Move business time on by so much (30m, 3h, 31d): due dates come, coupons end.
    Only in a demo."""
    by = in_seconds(duration)
    parts = kept(path)
    simulators = _simulators(parts)
    _advance(parts, by)
    for simulator in simulators.values():
        simulator.clock(by)
    with parts.database.read() as tx:
        ahead = facts.ahead(tx)
        parts.clock.follow(tx)
    at = parts.clock.now()
    told = {"advanced": by, "ahead": ahead.total_seconds(), "now": at.isoformat()}
    said = f"it is {minute(at)} here, {_days(ahead)} days ahead of real time"
    line(told) if plain else click.echo(said)


def _simulators(parts: Parts) -> Mapping[str, Control]:
    """Every backend there is: each one of this demo, and at work."""
    with parts.database.read() as tx:
        demo = facts.demo(tx)
    if demo is None:
        fail(NO_DEMO)
    for name in parts.backends:
        table = parts.config.backends[name]
        if demo.get(name) != table.get("url"):
            fail(f'backend "{name}" is none of this demo\'s simulators; {NO_DEMO}')
    controls = {name: Control(str(demo[name])) for name in parts.backends}
    for name, control in controls.items():
        try:
            control.clock()
        except (URLError, ValueError, OSError):
            fail(f'no simulator answers for backend "{name}"; {NO_DEMO}')
    return controls


def _advance(parts: Parts, by: float) -> None:
    """Once nothing is under way, if that is soon."""
    until = time.monotonic() + PATIENCE
    while busy := order(parts, "clock.advance", seconds=by).get("under_way"):
        if time.monotonic() > until:
            fail(f"there are {busy}; time is moved on when that has ended")
        time.sleep(0.1)


def _days(ahead: timedelta) -> str:
    return f"{ahead / timedelta(days=1):.3g}"
