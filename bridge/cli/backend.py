"""Verbs for the backends, and for how far behind we are."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import click

from bridge.cli.output import as_json, fail, kept, line, order, speaks, table
from bridge.store.pages.behind import behind

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
    with parts.database.read() as tx:
        found = behind(tx, parts.backends, parts.clock.now())
    shown = [
        {**asdict(one), "until": one.until.isoformat() if one.until else None}
        for one in found
    ]
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


def _known(name: str, there: object) -> None:
    names = list(there) if isinstance(there, dict) else []
    if name not in names:
        fail(f'there is no backend "{name}"; there are: {", ".join(names)}')


def in_seconds(written: str) -> float:
    found = re.fullmatch(r"([1-9][0-9]{0,4})([smhd])", written)
    if found is None:
        fail(f'"{written}" is no time; write it as 30m, 2h or 1d')
    return float(int(found[1]) * UNITS[found[2]])
