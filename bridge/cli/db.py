"""`switchhook db`: back the database up, restore it, check it, bring it up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bridge.cli.output import as_json, line, parts, speaks, written
from bridge.lock import Lock
from bridge.store import backup, check, revisions
from bridge.store.database import Database

FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.group()
def db() -> None:
    """The database as a whole."""


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """On SQLite no other process may have it meanwhile. Taken says which way out."""
    if not database.embedded:
        yield
        return
    lock = Lock(str(database.url.database))
    lock.take(patience=0)
    try:
        yield
    finally:
        lock.drop()


@db.command("backup")
@FILE
@as_json
@click.pass_obj
@speaks
def db_backup(path: Path, file: Path, plain: bool) -> None:
    """Write all of one moment into FILE, while the bridge goes on."""
    loaded = written(path)
    rows = backup.backup(loaded.database, file, loaded.clock.now)
    told = {"file": str(file), "rows": rows}
    said = f"{sum(rows.values())} rows are in {file}"
    line(told) if plain else click.echo(said)


@db.command("restore")
@FILE
@as_json
@click.pass_obj
@speaks
def db_restore(path: Path, file: Path, plain: bool) -> None:
    """Fill an empty database from FILE, and mark it as restored."""
    loaded = parts(path)
    database = loaded.database
    with _alone(database):
        done = backup.restore(database, file, loaded.clock.now(), loaded.keys.opens)
    rows = sum(done.rows.values())
    told = {"moment": done.moment.isoformat(), "rows": done.rows}
    said = (
        f"{rows} rows came back, as of {done.moment:%Y-%m-%d %H:%M:%S} UTC.\n"
        "What was sent after that nobody here knows: where a backend lists payments it"
        " is looked up, elsewhere money waits; see `switchhook unsure list`."
    )
    line(told) if plain else click.echo(said)


@db.command("check")
@as_json
@click.pass_obj
@speaks
def db_check(path: Path, plain: bool) -> None:
    """Tables, triggers, the ledger's chains and its sums. Exit code 1 with words."""
    with written(path).database.snapshot(slow=True) as tx:
        faults = check.faults(tx)
    if plain:
        line({"faults": faults})
    else:
        for fault in faults or ["all is as it should be"]:
            click.echo(fault)
    raise SystemExit(1 if faults else 0)


@db.command("upgrade")
@as_json
@click.pass_obj
@speaks
def db_upgrade(path: Path, plain: bool) -> None:
    """Bring the tables to this version's shape; `switchhook serve` does so too."""
    database = parts(path).database
    with _alone(database):
        database.upgrade()
    newest = revisions.newest()
    told = {"revision": newest}
    line(told) if plain else click.echo(f"the tables are at revision {newest}")
