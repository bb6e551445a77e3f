"""Verbs for who had what done: audit."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.output import as_json, fail, line, listed, speaks, written
from bridge.store import audit as notes


@click.group()
def audit() -> None:
    """Who had what done, and what came of it."""


@audit.command("list")
@click.option("--about", help="Only of this account, event, backend …")
@click.option("--who", help="Only by this one.")
@click.option("--last", default=50, show_default=True)
@as_json
@click.pass_obj
@speaks
def audit_list(
    path: Path, about: str | None, who: str | None, last: int, plain: bool
) -> None:
    """The newest first."""
    with written(path).database.read() as tx:
        found = notes.notes(tx, most=last, about=about, who=who)
    shown = [
        {
            "no": one.id,
            "at": one.at.isoformat(timespec="seconds"),
            "who": one.who,
            "via": one.via,
            "what": one.what,
            "about": one.about,
            "said": one.said,
        }
        for one in found
    ]
    listed(shown, plain, "nothing yet")


@audit.command("verify")
@as_json
@click.pass_obj
@speaks
def audit_verify(path: Path, plain: bool) -> None:
    """Whether any of it was changed or left out; print the head of the chain. Keep that
    elsewhere: with it, also a cut end is seen."""
    with written(path).database.snapshot(slow=True) as tx:
        broken, head = notes.broken(notes.every(tx)), notes.head(tx)
    if plain:
        line({"head": head, "broken": broken.id if broken else None})
    elif broken is None:
        click.echo(f"nothing was changed; the head is {head}")
    if broken:
        fail(f"note {broken.id} is not what was written, or one before it is gone")
