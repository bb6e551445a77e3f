"""Verbs for changes that wait for an admin: what waits, what it would do, yes or no."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from bridge import ahead, approving, changing
from bridge.ahead import Then
from bridge.app import Parts
from bridge.cli import picture
from bridge.cli.output import (
    CHANGED,
    CHANGES,
    REFUSED,
    UNSURE,
    as_json,
    fail,
    kept,
    line,
    listed,
    order,
    speaks,
    table,
)
from bridge.cli.plans import ENDS, NOTHING, PATIENCE, confirm, followed
from bridge.planned import SHORT
from bridge.preview import preview
from bridge.steps import steps
from bridge.store import operations
from bridge.store.confirmations import State
from bridge.store.operations import Operation
from bridge.words import render
from provisioning.core import approval, quote
from provisioning.core.asking import Question
from provisioning.core.choices import Scheduled
from provisioning.core.digest import digest
from provisioning.core.events import Event
from provisioning.core.heard import Fate
from provisioning.core.plan import Plan
from provisioning.core.quote import Quote
from provisioning.core.sentences import minute


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that waits, and what agreeing to it would do."""

    operation: Operation
    event: Event
    question: Question
    before: Then
    after: Then
    todo: Plan

    @property
    def hash(self) -> str:
        """Of what would be done, and of the change that it is done for."""
        return digest((self.todo.hash, self.operation.name))


@click.command()
@click.argument("name", metavar="[EVENT]", required=False)
@click.option("--list", "all_", is_flag=True, help="What waits; exit code 3 if any.")
@click.option("--plan", "seen", help="The hash that was shown: have that done.")
@click.option("--because", help="With --plan: why; it is kept.")
@click.option("--wait/--no-wait", default=True, help="Wait for its end.")
@as_json
@click.pass_obj
@speaks
def approve(
    path: Path,
    name: str | None,
    all_: bool,
    seen: str | None,
    because: str | None,
    wait: bool,
    plain: bool,
) -> None:
    """Show what a change that waits would do (exit code 2); with --plan and the hash it
    shows, have exactly that done. Exit code 0 done, 5 it would be something else by
    now, 4 refused, 3 not ended yet."""
    parts = kept(path)
    if all_ == (name is not None):
        raise click.UsageError("name an event, or say --list")
    if name is None:
        _list(parts, plain)
    elif seen is None:
        _show(_asked(parts, str(name)), plain)
        raise SystemExit(CHANGES)
    elif because is None:
        raise click.UsageError("say why with --because")
    else:
        raise SystemExit(_apply(parts, name, seen, because, wait, plain))


@click.command()
@click.argument("name", metavar="EVENT")
@click.option("--because", required=True, help="Why; it is kept, and told.")
@as_json
@click.pass_obj
@speaks
def decline(path: Path, name: str, because: str, plain: bool) -> None:
    """End a change that waits: it will not be done."""
    by = getpass.getuser()
    said = {"operation": name, "by": by, "because": because}
    told = order(kept(path), "event.decline", **said)
    line(told) if plain else click.echo(f"{name} is declined; nothing was changed")


def _list(parts: Parts, plain: bool) -> None:
    with parts.database.read() as tx:
        found = operations.asking(tx)
    shown = [
        {
            "event": each.name,
            "account": each.lane,
            "service": each.service,
            "since": each.changed_at.isoformat(timespec="seconds"),
            "from": dict(each.why.parts)["has"] if each.why else None,
            "to": dict(each.why.parts)["to"] if each.why else None,
        }
        for each in found
    ]
    listed(shown, plain, "nothing waits")
    raise SystemExit(UNSURE if shown else 0)


def _asked(parts: Parts, name: str) -> Asked:
    with parts.database.read() as tx:
        found = approving.named(tx, name)
        event = operations.event_of(tx, found.id)
    job, todo = preview(found.lane, parts.runner.desk, parts.editions, event)
    ruling = next(r for r in todo.rulings if r.event.arrival == event.arrival)
    service = job.account.service(event.service)
    if ruling.fate is not Fate.WORKING or service is None:
        fail(render(ruling.why) or f"it would be {ruling.fate}", REFUSED)
    at, catalog = parts.clock.now(), job.catalog
    question = approval.question(job.account, service, event, catalog)
    before, after = Then(job.account, catalog, at), Then(todo.account, catalog, at)
    return Asked(found, event, question, before, after, todo)


def _apply(
    parts: Parts, name: str, seen: str, because: str, wait: bool, plain: bool
) -> int:
    asked = _asked(parts, name)
    if not (len(seen) >= SHORT and asked.hash.startswith(seen)):
        if not plain:
            click.echo("changed since it was shown; nothing was sent. Now it is:")
        _show(asked, plain, State.CHANGED)
        return CHANGED
    id_ = confirm(
        parts, asked.todo, because, operation=asked.operation.id, hash_=asked.hash
    )
    state, why = State.CHANGED, None
    if id_ is not None:
        state, why = followed(parts, id_, PATIENCE if wait else 0)
    told = {"event": name, "account": asked.operation.lane, "hash": asked.hash,
            "confirmation": id_, "state": state.value, "why": why}  # fmt: skip
    if plain:
        line(told)
    else:
        table(["", ""], [(key, value) for key, value in told.items() if value])
    return ENDS[state]


def _show(asked: Asked, plain: bool, state: State | None = None) -> None:
    told = _told(asked) | {"state": state.value if state else None}
    if plain:
        after = {"before": ahead.told(asked.before), "after": ahead.told(asked.after)}
        line(told | after)
        return
    shown = ("event", "account", "service", "asked", "from", "to", "when", "due")
    table(["", ""], [(key, told[key]) for key in shown if told[key]])
    for each in told["lines"]:
        click.echo(f"  {each}")
    for each in told["losses"]:
        click.echo(f"  less: {each}")
    picture.show(asked.before)
    click.echo("after it")
    picture.show(asked.after)
    for step in told["steps"] or [NOTHING]:
        click.echo(f"  {step}")
    name = asked.operation.name
    click.echo(f"switchhook approve {name} --plan {asked.hash[:SHORT]} --because …")
    click.echo(f"switchhook decline {name} --because …")


def _told(asked: Asked) -> dict[str, Any]:
    question, offer = asked.question, _offer(asked)
    losses = changing.decided(question).losses
    return {
        "event": asked.operation.name,
        "account": asked.operation.lane,
        "service": asked.event.service,
        "asked": minute(asked.event.occurred_at),
        "from": changing.chosen(question.has.choice),
        "to": changing.chosen(question.to),
        "when": "with the next period" if asked.event.at_period_end else "at once",
        "due": str(offer.amount_due) if offer else None,
        "lines": changing.lines(offer) if offer else [],
        "losses": [changing.less(each) for each in losses],
        "steps": steps(asked.todo),
        "hash": asked.hash,
    }


def _offer(asked: Asked) -> Quote | None:
    """What it costs by our list on the day it was asked; its platform bills it."""
    question = asked.question
    if question.has_what_is_not_listed() or question.is_unknown():
        return None
    prices, has, to, at = question.prices, question.has, question.to, question.at
    if asked.event.at_period_end:
        coming = Scheduled(to, has.turns(at))
        return quote.renewal(prices, replace(has, next=coming), at)
    return quote.change(prices, has, to, at, had=question.had)
