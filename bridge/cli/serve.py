"""`switchhook serve` and `switchhook simulator`: what runs until it is stopped."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces

from bridge.cli.output import fail, parts, speaks
from provisioning.simulator import Server


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of the file's.")
@click.pass_obj
@speaks
def serve(path: Path, port: int | None) -> None:
    """Answer the billing platforms and bring accounts in line, until stopped."""
    loaded = parts(path)
    if not loaded.database.embedded:
        fail('this version runs on SQLite only; set database = "sqlite:///…"')
    where = loaded.config.serve
    # On SQLite exactly one worker: one process writes.
    os.environ["SWITCHHOOK_CONFIG"] = str(path.resolve())
    click.echo(f"switchhook answers at http://{where.host}:{port or where.port}")
    Granian(
        "bridge.served:bridge",
        factory=True,
        interface=Interfaces.WSGI,
        address=where.host,
        port=port or where.port,
        workers=1,
        blocking_threads=where.threads,
        websockets=False,
        log_access=False,
    ).serve()


@click.command()
@click.option("--port", default=8481, show_default=True)
@speaks
def simulator(port: int) -> None:
    """An ICTBroadcast to try things against: the real wire, no telephone calls."""
    with Server(port) as server:
        click.echo(f"a simulated ICTBroadcast answers at {server.url}")
        click.echo('user name "admin", password "simulator"; stop it with Ctrl-C')
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("stopped")
