"""What should be done to an account: plan shows it, apply does what was seen."""

from __future__ import annotations

import getpass
import time
from datetime import datetime
from pathlib import Path

import click

from bridge import ahead, comparing, planned
from bridge.ahead import Then, Told, Wish
from bridge.cli import picture
from bridge.cli import wish as wishes
from bridge.cli.output import (
    CHANGED,
    CHANGES,
    REFUSED,
    UNSURE,
    as_json,
    kept,
    line,
    order,
    speaks,
    table,
)
from bridge.parts import Parts
from bridge.planned import SHORT
from bridge.preview import preview
from bridge.steps import steps
from bridge.store import confirmations
from bridge.store.confirmations import State
from bridge.words import render
from bridge.work import Work
from provisioning.core.plan import Plan

PATIENCE = 60.0
NOTHING = "nothing: all is as it should be"
ENDS = {State.OPEN: UNSURE, State.APPLIED: 0, State.CHANGED: CHANGED,
        State.REFUSED: REFUSED}  # fmt: skip


@click.command()
@click.argument("name")
@click.option("--at", "when", metavar="MOMENT", help="As it was or will be then.")
@click.option(
    "--change",
    metavar="PACKAGE[,CYCLE][,xN]",
    help="What would follow if it became that, and what it would cost.",
)
@click.option("--group", help="As if the customer were of that group.")
@click.option(
    "--theirs",
    metavar="PRICE,DAYS",
    help='With --change: its price at WHMCS, beside ours, as "13.33 USD,20/30".',
)
@as_json
@click.pass_obj
@speaks
def plan(
    path: Path,
    name: str,
    when: str | None,
    change: str | None,
    group: str | None,
    theirs: str | None,
    plain: bool,
) -> None:
    """What would be done now for an account or service, and the command that does it.
    Exit code 2 if anything would. With --at or --change it is only shown, and the exit
    code is 4 for a change that is refused, 3 where the prices differ."""
    parts = kept(path)
    job, todo = preview(name, parts.runner.desk, parts.editions)
    if when or change:
        at = _moment(job, when, change)
        then = ahead.seen(job, at)
        price = comparing.theirs(theirs) if theirs else None
        wish = ahead.changed(job, name, change, then, group, price) if change else None
        raise SystemExit(_look_ahead(then, wish, plain))
    show(name, job, todo, plain)
    raise SystemExit(CHANGES if todo.steps else 0)


def _moment(job: Work, when: str | None, change: str | None) -> datetime:
    now = job.desk.clock.now()
    at = ahead.moment(when, job.catalog.terms.zone) if when else now
    if change and at < now:
        raise LookupError("a change is for now or later; leave --at out, or move it on")
    return at


def _look_ahead(then: Then, wish: Wish | None, plain: bool) -> int:
    said, after = wish or ({}, None)
    if plain:
        line(
            _told(then)
            | ({"change": said} if said else {})
            | ({"after": _told(after)} if after else {})
        )
    else:
        picture.show(then)
        _echo_steps(then.todo)
        _show_change(said, after)
    if wish and after is None:
        return REFUSED
    return UNSURE if said.get("differs") else 0


def _told(then: Then) -> Told:
    todo = then.todo
    held = {"held": render(todo.held)} if todo and todo.held else {}
    return ahead.told(then) | {"steps": steps(todo) if todo else None} | held


def _show_change(said: Told, after: Then | None) -> None:
    if said:
        wishes.show(said)
        for date in said.get("data", ()):
            click.echo(f"  {date}")
    if after:
        click.echo("after it")
        picture.show(after)
        _echo_steps(after.todo)


def _echo_steps(todo: Plan | None) -> None:
    """Of what is over the ledger and the events say what was done."""
    if todo is None:
        return
    for step in steps(todo) or ([] if todo.held else [NOTHING]):
        click.echo(f"  {step}")
    if todo.held:
        click.echo(f"  held: {render(todo.held)}")


@click.command()
@click.argument("name")
@click.option("--plan", "seen", required=True, help="The hash that `plan` showed.")
@click.option("--because", required=True, help="Why; it is kept.")
@click.option("--wait/--no-wait", default=True, help="Wait for its end.")
@as_json
@click.pass_obj
@speaks
def apply(
    path: Path, name: str, seen: str, because: str, wait: bool, plain: bool
) -> None:
    """Do what `switchhook plan` showed, or nothing. Exit code 0 done, 5 it would be
    something else by now, 4 refused, 3 not ended yet."""
    parts = kept(path)
    job, todo = preview(name, parts.runner.desk, parts.editions)
    if not (len(seen) >= SHORT and todo.hash.startswith(seen)):
        if not plain:
            click.echo("changed since it was shown; nothing was sent. Now it is:")
        show(name, job, todo, plain, state=State.CHANGED.value)
        raise SystemExit(CHANGED)
    id_ = confirm(parts, todo, because)
    state, why = State.CHANGED, None
    if id_ is not None:
        state, why = followed(parts, id_, PATIENCE if wait else 0)
    told = {"account": todo.account.id, "hash": todo.hash, "confirmation": id_,
            "state": state.value, "why": why}  # fmt: skip
    if plain:
        line(told)
    else:
        table(["", ""], [(key, value) for key, value in told.items() if value])
    raise SystemExit(ENDS[state])


def confirm(
    parts: Parts,
    todo: Plan,
    because: str,
    batch: str | None = None,
) -> int | None:
    """Have it applied as it is here. None: the account is another already."""
    said = planned.ordered(todo, because, getpass.getuser(), batch)
    told = order(parts, "plan.apply", **said)
    id_: int | None = told["confirmation"]
    return id_


def followed(parts: Parts, id_: int, seconds: float) -> tuple[State, str | None]:
    """Until it has ended, or so long."""
    until = time.monotonic() + seconds
    while True:
        with parts.database.read() as tx:
            found = confirmations.numbered(tx, id_)
        state = found.state if found else State.CHANGED
        if state is not State.OPEN:
            return state, render(found.why) if found else None
        if time.monotonic() >= until:
            return state, "not ended yet; `switchhook serve` or `worker` does it"
        time.sleep(0.05)


def show(
    name: str, job: Work, todo: Plan, plain: bool, state: str | None = None
) -> None:
    shown = planned.told(job, todo) | {"state": state}
    if plain:
        line(shown)
        return
    rows = dict(shown)
    for said in ("steps", "hash"):
        rows.pop(said)
    for many in ("services", "acting"):
        rows[many] = "\n".join(rows.get(many, ()))
    table(["", ""], [(k, v) for k, v in rows.items() if v])
    for step in shown["steps"] or [NOTHING]:
        click.echo(f"  {step}")
    if "observed" in shown:
        click.echo(f"switchhook adopt release {name} --because …")
    elif shown["steps"]:
        short = todo.hash[:SHORT]
        click.echo(f"switchhook apply {name} --plan {short} --because …")
