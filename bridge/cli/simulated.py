"""`switchhook simulator`: a backend to try things against."""

from __future__ import annotations

import threading

import click

from bridge.cli.output import speaks
from provisioning.simulator import Server


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
