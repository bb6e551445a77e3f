"""`switchhook keys`: which keys there are, and how one takes another's place."""

from __future__ import annotations

from pathlib import Path

import click

from bridge import resealing
from bridge.cli.output import (
    ERROR,
    UNSURE,
    as_json,
    fail,
    kept,
    line,
    listed,
    order,
    speaks,
)
from bridge.commands import upkeep
from bridge.resealing import Swap
from bridge.store.sealed import PLACES


@click.group()
def keys() -> None:
    """The install key, and those before it."""


@keys.command("list")
@as_json
@click.pass_obj
@speaks
def keys_list(path: Path, plain: bool) -> None:
    """Each key by its name, and how much is sealed with it."""
    parts = kept(path)
    counts = resealing.counted(parts.database, parts.keys)
    names = [key.name for key in parts.keys.each]
    shown = [
        {
            "key": name,
            "where": _where(names, name),
            "sealed": sum(counts[name].values()),
            **{place: counts[name].get(place, 0) for place in PLACES},
        }
        for name in counts
        if name in names or counts[name]
    ]
    listed(shown, plain)


@keys.command("rotate")
@as_json
@click.pass_obj
@speaks
def keys_rotate(path: Path, plain: bool) -> None:
    """Seal all that is sealed anew with `key`. Broken off, say it again.
    Exit code 3 if a process that was not started anew seals with an old one."""
    parts = kept(path)
    if not parts.keys.old:
        fail(
            "there is one key; write the new one into `key` and this one into"
            " `old_keys`, start the bridge anew, then say this again"
        )
    by = parts.keys.name

    def write(place: str, swaps: list[Swap]) -> int:
        told = order(parts, upkeep.RESEAL, place=place, swaps=swaps, by=by)
        return int(told["resealed"])

    done = resealing.reseal(parts.database, parts.keys, write)
    if plain:
        line({"key": by, "resealed": done.anew, "left": done.left,
              "unreadable": done.unreadable})  # fmt: skip
    else:
        for about in done.unreadable:
            click.echo(f"{about} opens with none of the keys", err=True)
        click.echo(_said(done, by))
    raise SystemExit(ERROR if done.unreadable else UNSURE if done.left else 0)


def _said(done: resealing.Done, by: str) -> str:
    if done.left:
        return (
            f"{done.anew} sealed anew, {done.left} are not yet: a process that was not"
            " started anew seals with an old key. Start it anew, then say this again"
        )
    if done.unreadable:
        return f"{done.anew} sealed anew; keep `old_keys` until the rest is looked at"
    return (
        f"{done.anew} sealed anew: all is sealed with key {by}. Take the others out of"
        " `old_keys` in three days, when no mail that was begun before is under way;"
        " keep them for as long as you keep backups from before"
    )


def _where(names: list[str], name: str) -> str:
    if name == resealing.OTHER:
        return "no name"
    return "old_keys" if names.index(name) else "key"
