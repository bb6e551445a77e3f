"""The verb that says how each service of an account is: active, tried, or why not."""

from __future__ import annotations

from pathlib import Path

import click

from bridge import panels
from bridge.cli.output import as_json, kept, line, speaks
from bridge.draining import over_cap
from bridge.preview import is_live, preview


@click.command()
@click.argument("name", metavar="ACCOUNT|SERVICE")
@as_json
@click.pass_obj
@speaks
def show(path: Path, name: str, plain: bool) -> None:
    """How each service is, and why: the backend is read for it. One is active only
    where the backend has it so."""
    parts = kept(path)
    job, todo = preview(name, parts.runner.desk, parts.editions)
    at = parts.clock.now()
    live = is_live(job, todo)
    over = over_cap(job)
    rows = [
        panels.row(todo.account, sold, job.catalog, at, live=live)
        | {"over cap": str(over) if over else None}
        for sold in todo.account.services
    ]
    if plain:
        line(rows)
        return
    for row in rows:
        click.echo(f"{row.pop('service')}: {row.pop('said')}")
        for about, value in row.items():
            for each in value if isinstance(value, list) else [value]:
                if each:
                    click.echo(f"  {about}: {each}")
