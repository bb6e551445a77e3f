"""Verbs for the database itself: upgrade, check, backup, restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bridge.app import Parts
from bridge.cli.output import as_json, fail, kept, line, parts, speaks
from bridge.cli.show import balances
from bridge.lock import Lock
from bridge.store import backup, books
from bridge.store.backup import Unusable


@click.group()
def db() -> None:
    """The database: its shape, its soundness, its copies."""


@db.command("upgrade")
@as_json
@click.pass_obj
@speaks
def db_upgrade(path: Path, plain: bool) -> None:
    """Bring its tables to this version's shape; `serve` and `worker` do so too."""
    loaded = parts(path)
    with _ours(loaded):
        loaded.database.upgrade()
    line({"upgraded": True}) if plain else click.echo("the database is up to date")


@db.command("check")
@as_json
@click.pass_obj
@speaks
def db_check(path: Path, plain: bool) -> None:
    """Whether every ledger chain is whole and all that was paid is somewhere."""
    with kept(path).database.snapshot() as tx:
        entries = books.entries(tx)
    faults = [
        f"the ledger of {owner} was changed at entry {broken.no}"
        for owner in sorted({entry.owner for entry in entries})
        if (broken := books.broken_chain(e for e in entries if e.owner == owner))
    ]
    for currency in sorted({entry.currency for entry in entries}):
        sums = balances([e for e in entries if e.currency == currency])
        if sums["paid"] != sums["applied"] + sums["held"] + sums["reversed"]:
            faults.append(f"in {currency}, paid is not applied + held + reversed")
    if plain:
        line({"entries": len(entries), "faults": faults})
    else:
        for fault in faults or [f"all is well: {len(entries)} entries"]:
            click.echo(fault)
    raise SystemExit(1 if faults else 0)


@db.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_json
@click.pass_obj
@speaks
def db_backup(path: Path, file: Path, plain: bool) -> None:
    """A copy of everything at one moment; the bridge may go on meanwhile."""
    loaded = kept(path)
    done = backup.backup(loaded.database, file, loaded.clock.now())
    told = {"file": str(file), "rows": done.rows, "moment": done.moment.isoformat()}
    line(told) if plain else click.echo(f"{done.rows} rows are in {file}")


@db.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_json
@click.pass_obj
@speaks
def db_restore(path: Path, file: Path, plain: bool) -> None:
    """Into an empty database. No money is sent from it until somebody has looked."""
    loaded = parts(path)
    try:
        with _ours(loaded):
            loaded.database.upgrade()
            done = backup.restore(loaded.database, file, loaded.clock.now())
    except Unusable as wrong:
        fail(str(wrong))
    told = {"rows": done.rows, "moment": done.moment.isoformat()}
    if plain:
        line(told)
        return
    click.echo(f"{done.rows} rows are back, as of {done.moment:%Y-%m-%d %H:%M:%S} UTC")
    click.echo(
        "What was paid out since then is not known here. Where the backend lists"
        " payments each sum is looked for before it is sent; elsewhere money waits for"
        " `switchhook unsure release ACCOUNT` (or --all-restored)."
    )


@contextmanager
def _ours(loaded: Parts) -> Iterator[None]:
    """On SQLite nobody else may have it meanwhile."""
    if not loaded.database.embedded:
        yield
        return
    lock = Lock(str(loaded.database.url.database))
    lock.take(patience=0)
    try:
        yield
    finally:
        lock.drop()
