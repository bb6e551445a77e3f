"""A process that answers: its server, with the configuration it is to read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import click
from granian import Granian
from granian.constants import Interfaces

from bridge.port import refused, wanted


class Place(NamedTuple):
    host: str
    port: int
    table: str
    """Of the configuration, which says so."""


def answer(
    factory: str, config: Path, where: Place, said: str, threads: int = 16, **more: Any
) -> None:
    """Until it is stopped. *factory*: what makes it, in the process that answers, as
    module:function; *said*: where that is; *more*: of the server's own settings."""
    if why := refused(where.host, where.port):
        click.echo(f"{where.host}:{where.port}: {why}; waiting for its end", err=True)
    wanted(where.host, where.port, where.table)
    click.echo(said)
    os.environ["SWITCHHOOK_CONFIG"] = str(config.resolve())
    Granian(
        factory,
        factory=True,
        interface=Interfaces.WSGI,
        address=where.host,
        port=where.port,
        blocking_threads=threads,
        websockets=False,
        log_access=False,
        **more,
    ).serve()
