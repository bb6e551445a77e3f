"""`switchhook shop`: the shops of all brands, as a process of their own."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.answering import Place, answer
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
    said = (f"the shop of {name} answers at {one.url}" for name, one in shops.items())
    place = Place(where.host, where.port, "shop")
    answer("bridge.street:served", path, place, "\n".join(said))
