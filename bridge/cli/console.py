"""`switchhook console`: the pages and the API, as a process of their own."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.answering import Place, answer
from bridge.cli.output import kept, speaks
from bridge.store import users


@click.command()
@click.pass_obj
@speaks
def console(path: Path) -> None:
    """Answer the console and the API, until stopped; beside `switchhook serve`."""
    loaded = kept(path)
    where = loaded.config.console
    with loaded.database.read() as tx:
        nobody = not any(not one.ended_at for one in users.everybody(tx))
    loaded.database.close()
    said = f"the console answers at {where.url}"
    if nobody:
        said += "\nnobody may log in yet: `switchhook user add E-MAIL --role owner`"
    place = Place(where.host, where.port, "console")
    answer("bridge.admin:served", path, place, said)
