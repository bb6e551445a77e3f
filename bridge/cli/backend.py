"""Verbs for the backends, and for how far behind we are."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import click

from bridge import orders
from bridge.cli.output import as_json, fail, kept, line, order, speaks, table
from bridge.store import backends, lanes, switchoffs

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
TITLES = ("backend", "state", "until", "because", "waiting", "oldest_seconds",
          "switched_off", "stopped")  # fmt: skip


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
        stopped = lanes.stopped(tx)
        offs = {name: switchoffs.counted(tx, name, at) for name in parts.backends}
    shown = []
    for name in parts.backends:
        pause, queue = _lasting(paused.get(name), at), queued.get(name)
        waited = (at - queue.oldest).total_seconds() if queue else 0.0
        shown.append(
            {
                "backend": name,
                "state": _state(pause),
                "until": _until(pause, at),
                "because": pause.because if pause else None,
                "waiting": queue.count if queue else 0,
                "oldest_seconds": round(waited, 1),
                "switched_off": offs[name],
                "stopped": stopped[name].count if name in stopped else 0,
            }
        )
    if plain:
        line(shown)
    else:
        table(TITLES, [[row[title] for title in TITLES] for row in shown])


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
    """Send nothing there, at most a second from now. What comes in is kept, and no
    try is used up."""
    parts = kept(path)
    _known(name, parts.backends)
    seconds = None if for_ is None else in_seconds(for_)
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


@backend.command("allow-off")
@click.argument("name")
@click.option("--count", type=click.IntRange(1, 1_000_000), required=True)
@click.option("--because", required=True, help="Why so many; it is kept.")
@click.option("--for", "for_", default="1h", show_default=True, help="30m, 2h, 1d.")
@as_json
@click.pass_obj
@speaks
def backend_allow_off(
    path: Path, name: str, count: int, because: str, for_: str, plain: bool
) -> None:
    """Let so many more accounts be switched off there; those that wait go on."""
    parts = kept(path)
    _known(name, parts.backends)
    told = order(
        parts, "backend.allow_off", backend=name, count=count, seconds=in_seconds(for_),
        because=because,
    )  # fmt: skip
    said = f"{count} more may go off on {name} until {told['until']}"
    line(told) if plain else click.echo(f"{said}; {told['waited']} waited for it")


def _lasting(pause: backends.Pause | None, at: datetime) -> backends.Pause | None:
    """One a person set a time for is over then, whoever notes it first."""
    return None if pause and pause.by_hand and pause.until <= at else pause


def _until(pause: backends.Pause | None, at: datetime) -> str | None:
    """When it ends by itself, or is asked whether it works again."""
    if pause is None or pause.until - at > orders.FOR_EVER / 2:
        return None
    return pause.until.isoformat()


def _state(pause: backends.Pause | None) -> str:
    if pause is None:
        return "open"
    return "paused by hand" if pause.by_hand else "paused"


def _known(name: str, there: object) -> None:
    names = list(there) if isinstance(there, dict) else []
    if name not in names:
        fail(f'there is no backend "{name}"; there are: {", ".join(names)}')


def in_seconds(written: str) -> float:
    found = re.fullmatch(r"([1-9][0-9]{0,4})([smhd])", written)
    if found is None:
        fail(f'"{written}" is no time; write it as 30m, 2h or 1d')
    return float(int(found[1]) * UNITS[found[2]])
