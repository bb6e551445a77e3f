"""Verbs for the backends, and for how far behind we are."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bridge.cli.output import as_json, fail, kept, line, order, speaks, table
from bridge.store import backends, lanes

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@click.group()
def backend() -> None:
    """What is behind us: whether it is paused, and how much waits for it."""


@backend.command("list")
@as_json
@click.pass_obj
@speaks
def backend_list(path: Path, plain: bool) -> None:
    """Each backend with its pause, the lanes that wait, and since when the oldest."""
    parts = kept(path)
    at = parts.clock.now()
    with parts.database.read() as tx:
        paused, queued = backends.paused(tx), lanes.queued(tx, at)
    shown = []
    for name in parts.backends:
        pause, queue = paused.get(name), queued.get(name)
        waited = (at - queue.oldest).total_seconds() if queue else 0.0
        shown.append(
            {
                "backend": name,
                "state": _state(pause),
                "because": pause.because if pause else None,
                "waiting": queue.count if queue else 0,
                "oldest_seconds": round(waited, 1),
            }
        )
    if plain:
        line(shown)
    else:
        table(list(shown[0]), [list(row.values()) for row in shown])


@backend.command("pause")
@click.argument("name")
@click.option("--because", required=True, help="Why; it is shown to who asks.")
@click.option("--for", "for_", help="Such as 30m, 2h, 1d; without it, until resumed.")
@as_json
@click.pass_obj
@speaks
def backend_pause(
    path: Path, name: str, because: str, for_: str | None, plain: bool
) -> None:
    """Send nothing there. What comes in is kept, and no try is used up."""
    parts = kept(path)
    _known(name, parts.backends)
    seconds = None if for_ is None else _seconds(for_)
    told = order(parts, "backend.pause", backend=name, seconds=seconds, because=because)
    until = told["until"] or "somebody resumes it"
    line(told) if plain else click.echo(f"{name} is paused until {until}")


@backend.command("resume")
@click.argument("name")
@as_json
@click.pass_obj
@speaks
def backend_resume(path: Path, name: str, plain: bool) -> None:
    """End a pause, whoever began it; what waited goes on at once."""
    parts = kept(path)
    _known(name, parts.backends)
    told = order(parts, "backend.resume", backend=name)
    line(told) if plain else click.echo(f"{name} goes on")


def _state(pause: backends.Pause | None) -> str:
    if pause is None:
        return "open"
    return "paused by hand" if pause.by_hand else "paused"


def _known(name: str, there: object) -> None:
    names = list(there) if isinstance(there, dict) else []
    if name not in names:
        fail(f'there is no backend "{name}"; there are: {", ".join(names)}')


def _seconds(written: str) -> float:
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", written)
    if found is None:
        fail(f'"{written}" is no time; write it as 30m, 2h or 1d')
    return float(int(found[1]) * UNITS[found[2]])
