"""`switchhook shop`: the shops of all brands, as a process of their own."""

from __future__ import annotations

import os
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces

from bridge.cli.output import kept, speaks


@click.command()
@click.pass_obj
@speaks
def shop(path: Path) -> None:
    """Answer the shops of all brands, until stopped; beside `switchhook serve`."""
    loaded = kept(path)
    where, shops = loaded.config.street, loaded.config.shops
    loaded.database.close()
    if not shops:
        raise LookupError(
            f"{path.name} has no shop: give a source the table"
            " [sources.NAME.shop], with url and currency"
        )
    for name, each in shops.items():
        click.echo(f"the shop of {name} answers at {each.url}")
    os.environ["SWITCHHOOK_CONFIG"] = str(path.resolve())
    Granian(
        "bridge.served:shops",
        factory=True,
        interface=Interfaces.WSGI,
        address=where.host,
        port=where.port,
        workers=1,
        blocking_threads=16,
        websockets=False,
        log_access=False,
    ).serve()
