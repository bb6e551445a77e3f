"""`switchhook reprovision`: many accounts, shown first, then brought in line."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import click

from bridge.bulk import many
from bridge.bulk.many import AHEAD, PAGE, Totals
from bridge.cli.output import (
    CHANGED,
    CHANGES,
    ERROR,
    REFUSED,
    UNSURE,
    as_json,
    fail,
    kept,
    line,
    speaks,
)
from bridge.cli.plans import confirm
from bridge.cli.progress import progress
from bridge.keys import random_name
from bridge.parts import Parts
from bridge.planned import SHORT
from bridge.preview import Seen, previews
from bridge.steps import steps
from bridge.store import confirmations, register
from bridge.store.confirmations import State
from bridge.store.register import Which
from provisioning.core.plan import Plan

PATIENCE = 60.0
"""Seconds without any end until we wait no longer."""


@click.command()
@click.argument("names", nargs=-1)
@click.option("--backend", help="Only accounts on this backend.")
@click.option("--package", help="Only those that were sold this package.")
@click.option("--source", help="Only those of this source.")
@click.option(
    "--state",
    type=click.Choice(many.STATES),
    help="Only those that should be so.",
)
@click.option("--file", type=click.File(), help="Accounts or services, one a line.")
@click.option("--limit", type=click.IntRange(1), help="Look at so many at most.")
@click.option(
    "--apply",
    "shown",
    type=click.File(),
    metavar="FILE",
    help="Apply what a run with --json wrote into FILE: each as it was shown.",
)
@click.option("--because", help="With --apply: why; it is kept.")
@as_json
@click.pass_obj
@speaks
def reprovision(
    path: Path,
    /,
    names: tuple[str, ...],
    state: str | None,
    file: TextIO | None,
    limit: int | None,
    shown: TextIO | None,
    because: str | None,
    plain: bool,
    **which: str | None,
) -> None:
    """Show what would be done for many accounts: of all, of those named, or of a part.
    Exit code 2 if anything would, 1 if some could not be seen.

    With --apply FILE what was shown is done: 0 all of it, 5 some changed since, 4 some
    was refused, 3 some has not ended, 1 some could not be seen.
    """
    parts = kept(path)
    if shown:
        if because is None:
            raise click.UsageError("say why with --because")
        _apply(parts, shown, because, plain)
    chosen = Which(**which)
    named = filter(None, map(str.strip, chain(names, file or ())))
    pages = (
        _named(parts, named) if names or file else many.of_all(parts.database, chosen)
    )
    totals = Totals()
    with progress(None if names or file else _count(parts, chosen)) as step:
        for seen in _looked(parts, pages, limit, step):
            if state in {None, many.state(seen)}:
                totals.add(seen)
                _say(seen, plain)
    line({"totals": totals.told}) if plain else click.echo(totals)
    raise SystemExit(ERROR if totals.unseen else CHANGES if totals.planned else 0)


# which


def _named(parts: Parts, names: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(names, PAGE)):
        yield many.ids(parts.database, some)


def _count(parts: Parts, which: Which) -> int:
    with parts.database.read() as tx:
        return register.count_of(tx, which)


def _looked(
    parts: Parts,
    pages: Iterable[Sequence[str]],
    limit: int | None,
    step: Callable[[int], None],
) -> Iterator[Seen]:
    parts.runner.desk.gates.learn()
    for seen in islice(previews(pages, parts.runner.desk, parts.editions), limit):
        step(1)
        yield seen


# shown


def _say(seen: Seen, plain: bool) -> None:
    """One line each; those in line are only counted."""
    todo = seen.todo
    if todo is not None and not todo.steps:
        return
    said = steps(todo) if todo else []
    hash_ = todo.hash if todo else None
    if plain:
        line({"account": seen.account, "hash": hash_, "steps": said,
              "fault": seen.fault})  # fmt: skip
    else:
        short = (hash_ or "-" * SHORT)[:SHORT]
        click.echo(f"{seen.account}  {short}  {seen.fault or '; '.join(said)}")


# applied


def _apply(parts: Parts, shown: TextIO, because: str, plain: bool) -> None:
    """Each as it was shown, or not at all; those that are done stay done."""
    batch, told = random_name(16), Counter[str]()
    try:
        _confirm_all(parts, shown, because, batch, told)
        _wait(parts, batch, 0)
    except KeyboardInterrupt:
        click.echo(
            "stopped: what was confirmed goes on by itself; say the same again for the"
            " rest, what is done is not done twice",
            err=True,
        )
    told += Counter(_counted(parts, batch))
    if plain:
        line(dict(told))
    else:
        click.echo(", ".join(f"{n} {state}" for state, n in told.items()) or "nothing")
    worst = (("unseen", ERROR), (State.REFUSED, REFUSED), (State.CHANGED, CHANGED),
             (State.OPEN, UNSURE))  # fmt: skip
    raise SystemExit(next((code for state, code in worst if told[state]), 0))


def _confirm_all(
    parts: Parts, shown: TextIO, because: str, batch: str, told: Counter[str]
) -> None:
    """Looked at once more, page by page."""
    confirmed, planned = 0, _planned(shown)
    while page := dict(islice(planned, PAGE)):
        for seen in previews([list(page)], parts.runner.desk, parts.editions):
            if seen.todo is None:
                told["unseen"] += 1
                click.echo(f"{seen.account}  {seen.fault}", err=True)
            elif not seen.todo.steps:
                told["in line"] += 1
            elif not _confirmed(parts, seen.todo, page[seen.account], because, batch):
                told[State.CHANGED] += 1
            else:
                confirmed += 1
                if confirmed % AHEAD == 0:
                    _wait(parts, batch, AHEAD // 2)


def _confirmed(parts: Parts, todo: Plan, hash_: str, because: str, batch: str) -> bool:
    """Whether it is still what was shown."""
    return todo.hash == hash_ and confirm(parts, todo, because, batch) is not None


def _planned(shown: TextIO) -> Iterator[tuple[str, str]]:
    for number, written in enumerate(shown, 1):
        try:
            told = json.loads(written)
            if "totals" not in told and told["hash"]:
                yield told["account"], told["hash"]
        except (ValueError, KeyError, TypeError):
            fail(
                f"line {number} of {shown.name} is none that `switchhook reprovision"
                " --json` writes"
            )


def _wait(parts: Parts, batch: str, until: int) -> None:
    """Until no more than so many are open, or nothing ends for long."""
    last, since = -1, time.monotonic()
    while (open_ := _counted(parts, batch).get(State.OPEN, 0)) > until:
        if open_ != last:
            last, since = open_, time.monotonic()
        if time.monotonic() - since > PATIENCE:
            return
        time.sleep(0.1)


def _counted(parts: Parts, batch: str) -> dict[str, int]:
    with parts.database.read() as tx:
        return confirmations.counted(tx, batch)
