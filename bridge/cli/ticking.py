"""The verb for ticks: what is done again and again, and when it last was."""

from __future__ import annotations

from pathlib import Path

import click

from bridge import duties
from bridge.cli.output import as_json, kept, listed, moment, speaks
from bridge.store import ticks
from bridge.store.causes.running import is_missing


@click.group()
def tick() -> None:
    """What is done again and again, by one process at a time."""


@tick.command("list")
@as_json
@click.pass_obj
@speaks
def tick_list(path: Path, plain: bool) -> None:
    """When each last ran, and why it did not."""
    parts = kept(path)
    limits, at = duties.limits(parts.config), parts.clock.now()
    with parts.database.read() as tx:
        found = ticks.all_kept(tx)
    shown = [
        {
            "tick": one.name,
            "ran": moment(one.ran_at),
            "due": moment(one.due),
            "running": one.lease_until is not None and one.lease_until > at,
            "missing": is_missing(one.name, one.ran_at or one.made_at, at, limits),
            "failed": moment(one.failed_at),
            "said": one.said,
        }
        for one in found
    ]
    listed(shown, plain, "none yet; `switchhook serve` starts them")
