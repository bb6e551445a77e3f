"""A change that somebody thinks of, shown to people."""

from __future__ import annotations

from typing import Any

import click

from bridge.cli.output import table

BESIDE = ["ours", "theirs", "differs"]
SCREEN = ["now", "next", "waits for", "unit price", "due now", "due next"]


def show(said: dict[str, Any]) -> None:
    """As `told` gives it."""
    table(["", ""], [(said["verdict"], said["because"])])
    table(["", ""], [(k, said[k]) for k in SCREEN if said[k]])
    table(["", ""], [(k, said[k]) for k in BESIDE if said.get(k)])
    for line in said["lines"]:
        click.echo(f"  {line}")
    for loss in said["losses"]:
        click.echo(f"  less: {loss}")
    if token := said.get("quote"):
        click.echo(f"switchhook quote {token}")
