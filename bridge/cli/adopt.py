"""`switchhook adopt`: customers whose accounts are there already become ours.

A plan first, then exactly that; only looked at until they are released.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import click

from bridge import roster
from bridge.adoptions import ALREADY
from bridge.bulk import fleet
from bridge.bulk.fleet import PAGE
from bridge.cli.output import (
    CHANGES,
    ERROR,
    as_json,
    fail,
    kept,
    line,
    order,
    speaks,
    table,
)
from bridge.cli.progress import progress
from bridge.keys import random_name
from bridge.parts import Parts
from bridge.roster import Fault
from bridge.store import adopted


class Adopt(click.Group):
    """`adopt FILE` is `adopt plan FILE`: a file called as a verb is named ./verb."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["plan", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Adopt)
def adopt() -> None:
    """Take over customers whose accounts the backend has already.

    `adopt FILE` shows what it would bind; FILE is CSV with the columns service,
    package, backend, user or user_id, and maybe client, email, quantity, state,
    paid_until.
    """


@adopt.command("plan")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--source", help="Whose services these are, where there are several.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the plan here, for `switchhook adopt apply`.",
)
@as_json
@click.pass_obj
@speaks
def adopt_plan(
    path: Path, file: TextIO, source: str | None, out: Path | None, plain: bool
) -> None:
    """Show which user each line would bind, and what differs there; nothing is done.

    Exit code 2 if any would be bound, 1 if a line is wrong: each is named.
    """
    parts = kept(path)
    source, catalog = _source(parts, source), parts.catalog
    batch, told = random_name(8), Counter[str]()
    with _written(out) as write, progress(_lines(file)) as step:
        rows = roster.read(file, source, catalog)
        for seen in fleet.looked(_hands(parts), rows, lambda _: batch):
            step(1)
            if isinstance(seen, Fault):
                told["wrong"] += 1
                _complain(seen, plain)
            elif seen.says == ALREADY:
                told["adopted already"] += 1
            else:
                told["would be bound"] += 1
                made = roster.planned(seen.row, seen.found, batch, catalog)
                told["differ"] += bool(made["differs"])
                write(json.dumps(made) + "\n")
                line(made) if plain else click.echo(_shown(made))
    totals = {"totals": dict(told), "batch": batch}
    line(totals) if plain else click.echo(_counted(told))
    if out and told["would be bound"] and not plain:
        click.echo(f"`switchhook adopt apply {out} --because …` does exactly this")
    codes = (("wrong", ERROR), ("would be bound", CHANGES))
    raise SystemExit(next((code for what, code in codes if told[what]), 0))


def _source(parts: Parts, named: str | None) -> str:
    every = parts.config.sources
    source = named or (next(iter(every)) if len(every) == 1 else "")
    if source not in every:
        fail(f"name the source with --source: {', '.join(every)}")
    return source


def _hands(parts: Parts) -> fleet.Hands:
    desk, caps = parts.runner.desk, parts.config.caps
    return fleet.Hands(desk, parts.catalog, caps, partial(order, parts))


def _lines(file: TextIO) -> int | None:
    """All but the first; unknown, where it can be read only once."""
    if not file.seekable():
        return None
    try:
        return sum(1 for _ in file) - 1
    except UnicodeDecodeError:
        return None  # whoever reads it says so
    finally:
        file.seek(0)


@contextmanager
def _written(out: Path | None) -> Iterator[Any]:
    """Its owner's alone: it names customers."""
    if out is None:
        yield lambda _: None
        return
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        yield file.write


def _complain(fault: Fault, plain: bool) -> None:
    if plain:
        line({"line": fault.line, "fault": fault.why})
    else:
        click.echo(f"line {fault.line}: {fault.why}", err=True)


def _shown(made: dict[str, Any]) -> str:
    said = (
        f"line {made['line']}: {made['source']}:{made['service']}  is user"
        f" {made['user_id']} ({made['user']}) of {made['backend']}, balance"
        f" {made['balance']}"
    )
    return "; ".join([said, *made["differs"]])


def _counted(told: Counter[str]) -> str:
    said = [f"{n} {what}" for what, n in told.items() if n]
    return ", ".join(said) or "no lines"


# done


@adopt.command("apply")
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"))
@click.option("--because", required=True, help="Why; it is kept.")
@as_json
@click.pass_obj
@speaks
def adopt_apply(path: Path, file: TextIO, because: str, plain: bool) -> None:
    """Bind what a plan shows, with the balance that is there now. Exit code 1 if a line
    could not be.

    Stopped half-way it is said again: what is adopted is left as it is.
    """
    parts = kept(path)
    told = Counter[str]()
    tell = Told(plain, told)
    with _stoppable(), progress(_lines(file)) as step:
        plans = roster.plan_of(file, parts.catalog)
        while page := list(islice(plans, PAGE)):
            for ended in fleet.take(_hands(parts), page, because):
                tell(ended)
            step(len(page))
    line(dict(told)) if plain else click.echo(_counted(told))
    raise SystemExit(ERROR if told["wrong"] else 0)


@contextmanager
def _stoppable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        fail(
            "stopped; what was done stays, and saying the same again goes on from there"
        )


@dataclass(slots=True)
class Told:
    """What became of the lines, said as it comes."""

    plain: bool
    counts: Counter[str]

    def __call__(self, ended: fleet.Ended) -> None:
        self.counts[ended.how] += 1
        if ended.moved:
            self.counts["with another balance than planned"] += ended.moved
        if ended.fault:
            _complain(ended.fault, self.plain)


@adopt.command("release")
@click.argument("names", nargs=-1)
@click.option("--batch", help="All of this adoption; `switchhook adopt list` shows it.")
@click.option("--all", "every", is_flag=True, help="All there are.")
@click.option("--limit", type=click.IntRange(1), help="So many at most, to begin with.")
@click.option("--because", required=True, help="Why; it is kept.")
@as_json
@click.pass_obj
@speaks
def adopt_release(
    path: Path,
    names: tuple[str, ...],
    batch: str | None,
    every: bool,
    limit: int | None,
    because: str,
    plain: bool,
) -> None:
    """Let adopted accounts or services go: they are brought in line, and paid."""
    if bool(names) + bool(batch) + every != 1:
        raise click.UsageError("name accounts, or say --batch, or --all")
    parts, released = kept(path), list[str]()
    with parts.database.read() as tx:
        left = len(names) or adopted.count(tx, batch)
    left = min(left, limit or left)
    with _stoppable(), progress(left) as step:
        for said in _portions(names[:left], batch, left):
            some = order(parts, "adopt.release", because=because, **said)["released"]
            released += some
            step(len(some))
    told = {"released": released}
    line(told) if plain else click.echo(f"released: {len(released)}")


def _portions(
    names: Sequence[str], batch: str | None, left: int
) -> Iterator[dict[str, Any]]:
    """A commit each."""
    for done in range(0, left, PAGE):
        said = {"most": min(PAGE, left - done), "batch": batch}
        some = names[done : done + PAGE]
        yield said | ({"names": list(some)} if some else {})


@adopt.command("undo")
@click.option("--batch", required=True, help="Which; `switchhook adopt list` shows it.")
@click.option("--because", required=True, help="Why; it stands in the ledger.")
@as_json
@click.pass_obj
@speaks
def adopt_undo(path: Path, batch: str, because: str, plain: bool) -> None:
    """Unbind an adoption's accounts that are only looked at; nothing is done there.

    Where anything was booked since, an account stays; exit code 1 then.
    """
    parts, after = kept(path), ""
    undone, stay = list[str](), dict[str, str]()
    with parts.database.read() as tx:
        total = adopted.count(tx, batch)
    if not total:
        fail(f"no account of adoption {batch} is only looked at; nothing can be undone")
    with _stoppable(), progress(total) as step:
        while True:
            said = {"batch": batch, "because": because, "most": PAGE, "after": after}
            told = order(parts, "adopt.undo", **said)
            undone += told["undone"]
            stay |= told["kept"]
            after = told["last"]
            step(len(told["undone"]) + len(told["kept"]))
            if not after:
                break
    if plain:
        line({"undone": undone, "kept": stay})
    else:
        for id_, why in stay.items():
            click.echo(f"{id_} stays: {why}; release it, or move its money", err=True)
        click.echo(f"undone: {len(undone)}")
    raise SystemExit(ERROR if stay else 0)


COLUMNS = ("batch", "since", "accounts", "only looked at", "events waiting")


@adopt.command("list")
@as_json
@click.pass_obj
@speaks
def adopt_list(path: Path, plain: bool) -> None:
    """What was adopted, the newest first, and how much of it is only looked at."""
    with kept(path).database.read() as tx:
        found = adopted.batches(tx)
    rows = [
        (
            b.name,
            b.since.isoformat(timespec="seconds"),
            b.accounts,
            b.observed,
            b.waiting,
        )
        for b in found
    ]
    if plain:
        line([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    elif not rows:
        click.echo("nothing was adopted")
    else:
        table(COLUMNS, rows)
