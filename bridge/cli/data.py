"""Verbs for data a person has to delete: its backend is not told to."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.output import as_json, kept, line, listed, order, speaks, written
from bridge.store import register


@click.group()
def data() -> None:
    """Data kept by what a customer lost, where a person has to delete it."""


@data.command("list")
@as_json
@click.pass_obj
@speaks
def data_list(path: Path, plain: bool) -> None:
    """What is due within a week, or was, by account."""
    with written(path).database.read() as tx:
        found = register.with_data(tx)
    rows = [{"account": id_, "backend": b, "delete": what} for id_, b, what in found]
    listed(rows, plain)


@data.command("deleted")
@click.argument("service")
@click.argument("name")
@click.option("--because", required=True, help="How, and by whom; it is kept.")
@as_json
@click.pass_obj
@speaks
def data_deleted(
    path: Path, service: str, name: str, because: str, plain: bool
) -> None:
    """It is deleted there, as `data list` and `show` name it: features/recording."""
    told = order(
        kept(path), "data.deleted", service=service, name=name, because=because
    )
    line(told) if plain else click.echo(f"the data of {told['deleted']} is gone")
