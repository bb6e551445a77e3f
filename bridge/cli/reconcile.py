"""`switchhook reconcile`: platforms, accounts and backends compared, now."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from bridge.cli.listing import Listing
from bridge.cli.output import (
    CHANGES,
    UNSURE,
    as_json,
    fail,
    kept,
    line,
    listed,
    moment,
    order,
    speaks,
    table,
)
from bridge.cli.progress import progress
from bridge.parts import Parts
from bridge.reconcile.reconciler import Reconciler, Result
from bridge.store import drifts
from bridge.store.drifts import Found, Kept, Run, Scope, State, Unseen
from bridge.store.sheet import Sum
from bridge.words import render
from provisioning.core.drift import Repair
from provisioning.core.money import text

PAGE = 200
REPAIRS = {
    "wake": "by waking their lanes",
    "pull": "by a pull",
    "person": "for a person",
}
BY_ITSELF = {Repair.WAKE, Repair.PULL}
BOOKS = ("paid", "applied", "held", "reversing", "reversed")


class Reconcile(Listing):
    """`reconcile` with no verb behind it is `reconcile now`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["now", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Reconcile)
def reconcile() -> None:
    """Compare what is sold, what we know and what is there.

    `reconcile [--backend B] [--source S] [--apply]` is `reconcile now`.
    """


reconcile.has({"sums": ("reconciled", "Σ paid = applied + held + paid back.")})


@reconcile.command("now")
@click.option("--backend", help="Only accounts on this backend; no platform.")
@click.option("--source", help="Only this platform, and the accounts of its customers.")
@click.option("--apply", "applies", is_flag=True, help="Repair what may be repaired.")
@as_json
@click.pass_obj
@speaks
def reconcile_now(
    path: Path,
    /,
    backend: str | None,
    source: str | None,
    applies: bool,
    plain: bool,
) -> None:
    """Compare it all now: a line for each difference, with what is planned about it
    and why. Nothing is changed without --apply.

    Exit code 2 if anything differs that is not left alone; 3 if nothing does for
    certain, and something could not be seen, was in flight, or it was stopped.
    """
    parts = kept(path)
    _known("backend", backend, parts.backends)
    _known("source", source, parts.sources)
    mine = replace(
        parts.reconciler, order=lambda name, said: order(parts, name, **said)
    )
    scope = Scope(backend, source)
    with _stopping(mine), progress(mine.total(scope)) as step:
        result = mine.run(
            "by hand", scope, applies=applies,
            tell=partial(_say, applied=applies, plain=plain), step=step,
        )  # fmt: skip
    _totals(mine, scope, result, plain)
    raise SystemExit(_code(result))


def _known(what: str, name: str | None, known: Mapping[str, object]) -> None:
    if name is not None and name not in known:
        fail(f'there is no {what} "{name}"; there is: {", ".join(known)}')


@contextmanager
def _stopping(mine: Reconciler) -> Iterator[None]:
    """Ctrl-C ends it behind the accounts it is at; a second one at once."""

    def stop(*_: object) -> None:
        mine.ending.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _code(result: Result) -> int:
    if result.differences:
        return CHANGES
    sure = result.state is State.ENDED and not result.in_flight and not result.unseen
    return 0 if sure else UNSURE


def _say(found: Found, since: datetime, *, applied: bool, plain: bool) -> None:
    if plain:
        line(_told(found, since))
    else:
        click.echo(_worded(found, since, applied=applied))


def _told(found: Found, since: datetime) -> dict[str, Any]:
    one = found.line
    return {
        "subject": found.subject, "backend": found.backend, "source": found.source,
        "kind": one.kind.value, "what": one.what, "wants": one.wants, "has": one.has,
        "since": since.isoformat(timespec="seconds"), "in_flight": one.in_flight,
        "repair": one.repair.value, "why": render(one.why),
    }  # fmt: skip


def _worded(found: Found, since: datetime, *, applied: bool) -> str:
    one = found.line
    when = "" if applied or one.repair not in BY_ITSELF else "With --apply: "
    kind = one.kind.value.replace("_", " ")
    where = f" ({found.backend})" if found.backend else ""
    return (
        f"{found.subject}{where}  {kind} {one.what}: should be {one.wants}, is"
        f" {one.has}, since {since:%Y-%m-%d %H:%M}. {when}{render(one.why)}"
    )


def _totals(mine: Reconciler, scope: Scope, result: Result, plain: bool) -> None:
    unlooked = mine.unlooked(scope)
    if plain:
        told: dict[str, Any] = {
            "run": result.run, "state": result.state.value,
            "accounts": result.accounts, "differences": result.differences,
            "in_flight": result.in_flight, "left_alone": result.left_alone,
            "repairs": _by_repair(result),
            "unseen": [asdict(one) for one in result.unseen],
            "not_compared": unlooked,
        }  # fmt: skip
        line({"totals": told})
        return
    for one in result.unseen:
        click.echo(_unseen(one))
    for why in unlooked:
        click.echo(why)
    repairs = ", ".join(f"{n} {REPAIRS[r]}" for r, n in _by_repair(result).items())
    click.echo(
        f"reconciliation {result.run} {result.state.value}: {result.accounts} accounts,"
        f" {result.differences} differences{f' ({repairs})' if repairs else ''},"
        f" {result.left_alone} left alone, {result.in_flight} in flight"
    )
    if result.state is State.STOPPED:
        click.echo("what it found is kept; say it again, and it looks at all anew")


def _by_repair(result: Result) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, repair), count in result.lines.items():
        if repair in REPAIRS:
            found[repair] = found.get(repair, 0) + count
    return found


# kept


@reconcile.command("list")
@click.option("--last", default=20, show_default=True)
@as_json
@click.pass_obj
@speaks
def reconcile_list(path: Path, last: int, plain: bool) -> None:
    """The newest runs."""
    with kept(path).database.read() as tx:
        found = drifts.runs(tx, last)
    listed([_run(run) for run in found], plain, "none yet; `switchhook reconcile`")


def _run(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "began": moment(run.began_at),
        "ended": moment(run.ended_at),
        "state": run.state.value,
        "by": run.by,
        "of": run.backend or run.source or "all",
        "applied": run.applies,
        "accounts": run.accounts,
        "unseen": sum(one.count for one in run.unseen),
    }


@reconcile.command("show")
@click.argument("number", metavar="[RUN]", type=int, required=False)
@click.option("--kind", help="Only lines of this kind, as credit_extra.")
@as_json
@click.pass_obj
@speaks
def reconcile_show(
    path: Path, number: int | None, kind: str | None, plain: bool
) -> None:
    """What a run found, the newest if none is named, and where all money stood."""
    parts = kept(path)
    with parts.database.read() as tx:
        run = drifts.numbered(tx, number)
        if run is None:
            fail(f"there is no reconciliation {number or 'yet'}; see `reconcile list`")
        sums = drifts.sums(tx, run.id)
    if plain:
        line(_run(run) | {"sums": [sum_told(one) for one in sums],
                          "unseen": [asdict(one) for one in run.unseen]})  # fmt: skip
    else:
        table(["", ""], list(_run(run).items()))
    for each in _lines(parts, run.id, kind):
        _say(each.found, each.since, applied=run.applies, plain=plain)
    if not plain:
        for blind in run.unseen:
            click.echo(_unseen(blind))
        if sums:
            say_sums(sums)


def _unseen(one: Unseen) -> str:
    return f"{one.count} of {one.what} could not be seen: {one.why}"


def _lines(parts: Parts, run: int, kind: str | None) -> Iterator[Kept]:
    after = 0
    while True:
        with parts.database.read() as tx:
            page = drifts.differences(tx, run, PAGE, after, kind)
        if not page:
            return
        yield from page
        after = page[-1].id


def sum_told(one: Sum) -> dict[str, Any]:
    return {
        "source": one.source, "currency": one.currency,
        **{book: text(getattr(one, book)) for book in BOOKS},
        "adds_up": one.adds_up,
    }  # fmt: skip


def say_sums(sums: list[Sum]) -> None:
    table(
        ["source", "currency", *BOOKS, "Σ"],
        [
            [one.source, one.currency, *(text(getattr(one, book)) for book in BOOKS),
             "adds up" if one.adds_up else "DOES NOT ADD UP"]
            for one in sums
        ],
    )  # fmt: skip
