"""`switchhook serve`, `worker` and `simulator`: what runs until it is stopped."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bridge import lifecycle, log, served
from bridge.cli.answering import Place, answer
from bridge.cli.output import fail, parts, speaks
from bridge.lock import Lock


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of the file's.")
@click.option(
    "--workers",
    type=click.IntRange(0, 256),
    help="Instead of the file's; 0 leaves the accounts to `switchhook worker`.",
)
@click.pass_obj
@speaks
def serve(path: Path, port: int | None, workers: int | None) -> None:
    """Answer the billing platforms and bring accounts in line, until stopped."""
    loaded = parts(path)
    where, embedded = loaded.config.serve, loaded.database.embedded
    if embedded and workers == 0:
        fail("on SQLite one process does all: leave out --workers 0")
    loaded.database.close()
    if embedded:
        # The process that answers takes it; said here it is a line, and no traceback.
        Lock(str(loaded.database.url.database)).tried()
    if workers is not None:
        os.environ[served.WORKERS] = str(workers)
    place = Place(where.host, port or where.port, "serve")
    answer(
        "bridge.served:bridge", path, place,
        f"switchhook answers at http://{place.host}:{place.port}", where.threads,
        workers=where.processes, workers_kill_timeout=served.TO_BE_ENDED,
    )  # fmt: skip


@click.command()
@click.pass_obj
@speaks
def worker(path: Path) -> None:
    """Bring accounts in line, and answer nobody; any number, on any machine."""
    loaded = parts(path)
    if loaded.database.embedded:
        fail("on SQLite one process does all: run `switchhook serve` instead")
    log.set_up(loaded.config.log)
    told = served.hearing()
    served.stoppable()
    stop = lifecycle.work(loaded, begin=served.only_heard)
    click.echo("switchhook works; stop it with Ctrl-C")
    told()
    if not stop():
        lifecycle.leave_at_once()
