"""`switchhook adopt`: customers whose accounts are there already become ours.

A plan first, then exactly that; only looked at until they are released.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import click

from bridge import adoptions, roster
from bridge.adoptions import ALREADY
from bridge.app import Parts
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
from bridge.gates import Gates
from bridge.hatch import LARGEST
from bridge.keys import ACCOUNT, random_name
from bridge.roster import Fault, Planned, Row
from bridge.store import adopted
from provisioning.backends.base import Observed
from provisioning.core.account import Account
from provisioning.core.money import text
from provisioning.core.outcomes import Broken, Outcome

PAGE = 50
"""Lines in memory, and in one commit."""


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
        for seen in _looked(parts, rows, lambda _: batch):
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


# what is there


@dataclass(frozen=True, slots=True)
class Seen:
    """A line, the user it means, the account it would be, and what we know of both."""

    row: Row
    found: Observed
    account: Account
    says: str | None


def _looked(
    parts: Parts, rows: Iterable[Row | Fault], batch: Callable[[Row], str]
) -> Iterator[Seen | Fault]:
    """Page by page, in their order; a page's users are asked for at once."""
    gates, rows = parts.runner.desk.gates, iter(rows)
    gates.learn()
    most = max(caps.calls for caps in parts.config.caps.values())
    with ThreadPoolExecutor(most) as asking:
        while page := list(islice(rows, PAGE)):
            found = list(asking.map(partial(_found, gates), page))
            yield from _known(parts, page, found, batch)


def _found(gates: Gates, row: Row | Fault) -> Observed | str | None:
    """The user, nothing, or why it cannot be told. Later, where nobody answers."""
    if isinstance(row, Fault):
        return None
    gate = gates[row.customer.backend]
    try:
        with gate.turn():
            if row.user_id:
                found = gate.backend.read(row.user_id)
            else:
                found = gate.backend.find(str(row.user))
    except Outcome as outcome:
        gate.heard(outcome)
        if isinstance(outcome, Broken):
            return str(outcome)
        raise
    gate.heard(None)
    return found


def _known(
    parts: Parts,
    page: Sequence[Row | Fault],
    found: Sequence[Observed | str | None],
    batch: Callable[[Row], str],
) -> Iterator[Seen | Fault]:
    catalog, at = parts.catalog, parts.clock.now()
    made: list[tuple[Row, Observed, Account]] = []
    faults: dict[int, Fault] = {}
    for place, (row, seen) in enumerate(zip(page, found, strict=True)):
        if isinstance(row, Fault):
            faults[place] = row
        elif isinstance(seen, str):
            faults[place] = Fault(row.line, seen)
        elif seen is None or (why := roster.fits(row, seen)):
            faults[place] = Fault(row.line, roster.fits(row, seen) or "")
        else:
            account = roster.account_of(row, seen, batch(row), catalog, at)
            made.append((row, seen, account))
    with parts.database.read() as tx:
        says = adoptions.check(tx, [account for *_, account in made])
    fitting = iter(made)
    for place in range(len(page)):
        if place in faults:
            yield faults[place]
            continue
        row, seen, account = next(fitting)
        why = says[row.customer.service]
        if why not in {None, ALREADY}:
            yield Fault(row.line, str(why))
        else:
            yield Seen(row, seen, account, why)


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
    with _stoppable(), progress(_lines(file)) as step:
        plans = roster.plan_of(file, parts.catalog)
        while page := list(islice(plans, PAGE)):
            _take(parts, page, because, told, plain)
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


def _take(
    parts: Parts,
    page: Sequence[Planned | Fault],
    because: str,
    told: Counter[str],
    plain: bool,
) -> None:
    """Each user is looked at once more; then all of the page in one commit."""
    plans = {p.row.customer.service: p for p in page if isinstance(p, Planned)}
    rows = [p.row if isinstance(p, Planned) else p for p in page]
    seen: list[Seen] = []
    for each in _looked(parts, rows, lambda row: plans[row.customer.service].batch):
        if isinstance(each, Fault):
            told["wrong"] += 1
            _complain(each, plain)
        elif each.says == ALREADY:
            told["adopted already"] += 1
        else:
            seen.append(each)
    if seen:
        _order(parts, seen, plans, because, told, plain)


def _order(
    parts: Parts,
    seen: Sequence[Seen],
    plans: dict[str, Planned],
    because: str,
    told: Counter[str],
    plain: bool,
) -> None:
    these = [roster.taking(s.account, s.found, parts.keys) for s in seen]
    what: dict[str, str] = {}
    for said in _fitting(adoptions.from_taking(each) for each in these):
        what |= order(parts, "adopt.take", these=said, because=because)
    for each in seen:
        became = what[each.row.customer.service]
        if became == ALREADY:
            told["adopted already"] += 1
        elif became.startswith(ACCOUNT):
            told["adopted"] += 1
            moved = plans[each.row.customer.service].balance != text(each.found.balance)
            told["with another balance than planned"] += moved
        else:
            told["wrong"] += 1
            _complain(Fault(each.row.line, became), plain)


def _fitting(those: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """As many as one order may say."""
    some: list[dict[str, Any]] = []
    size = 0
    for each in those:
        length = len(json.dumps(each))
        if some and size + length > LARGEST // 2:
            yield some
            some, size = [], 0
        some.append(each)
        size += length
    if some:
        yield some


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
