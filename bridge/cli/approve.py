"""Verbs for changes that wait for an admin: what waits, what it would do, yes or no."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from bridge import agreeing, ahead
from bridge.access.roles import ALL
from bridge.agreeing import Proposed
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
from bridge.cli.plans import ENDS, NOTHING, PATIENCE, followed
from bridge.parts import Parts
from bridge.planned import SHORT
from bridge.store import operations, shop_orders
from bridge.store.confirmations import State
from bridge.store.shop_orders import ShopOrder
from bridge.store.shop_orders import State as Ordered
from provisioning.core.outcomes import Refused

MOST = 1000


@click.command()
@click.argument("name", metavar="[EVENT|ORDER]", required=False)
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
    shows, have exactly that done; of an order of a shop, have it paid and done after.
    Exit code 0 done, 5 it would be something else by
    now, 4 refused, 3 not ended yet."""
    parts = kept(path)
    if all_ == (name is not None):
        raise click.UsageError("name an event, or say --list")
    if name is None:
        _list(parts, plain)
    elif seen is None:
        _show(_seen(parts, str(name)), plain)
        raise SystemExit(CHANGES)
    elif because is None:
        raise click.UsageError("say why with --because")
    else:
        raise SystemExit(_apply(parts, name, seen, because, wait, plain))


@click.command()
@click.argument("name", metavar="EVENT|ORDER")
@click.option("--because", required=True, help="Why; it is kept, and told.")
@as_json
@click.pass_obj
@speaks
def decline(path: Path, name: str, because: str, plain: bool) -> None:
    """End a change that waits: it will not be done."""
    by, parts = getpass.getuser(), kept(path)
    if _is_order(parts, name):
        said = {"order": name, "channel": parts.config.login_channel}
        told = order(parts, "shop.decline", by=by, because=because, **said)
    else:
        told = order(parts, "event.decline", operation=name, by=by, because=because)
    line(told) if plain else click.echo(f"{name} is declined; nothing was changed")


def _list(parts: Parts, plain: bool) -> None:
    with parts.database.read() as tx:
        found = operations.asking(tx)
        asked = shop_orders.listed(tx, ALL, Ordered.ASKED, None, MOST)
    shown = [
        each | {"since": each["since"].isoformat(timespec="seconds")}
        for each in (*agreeing.waiting(found), *agreeing.orders(asked))
    ]
    listed(shown, plain, "nothing waits")
    raise SystemExit(UNSURE if shown else 0)


def _is_order(parts: Parts, name: str) -> bool:
    with parts.database.read() as tx:
        return shop_orders.one(tx, name) is not None


def _seen(parts: Parts, name: str) -> Proposed:
    try:
        return agreeing.proposed(parts, name)
    except Refused as no:
        fail(str(no), REFUSED)


def _apply(
    parts: Parts, name: str, seen: str, because: str, wait: bool, plain: bool
) -> int:
    change = _seen(parts, name)
    if not (len(seen) >= SHORT and change.hash.startswith(seen)):
        if not plain:
            click.echo("changed since it was shown; nothing was sent. Now it is:")
        _show(change, plain, State.CHANGED)
        return CHANGED
    by = getpass.getuser()
    if isinstance(change.asks, ShopOrder):
        channel = parts.config.login_channel
        told = order(parts, "shop.approve", order=name, by=by, because=because,
                     channel=channel)  # fmt: skip
        line(told) if plain else click.echo(f"{name} is agreed to; it is to be paid")
        return 0
    said = change.ordered(because, by)
    id_ = order(parts, "plan.apply", **said)["confirmation"]
    state, why = State.CHANGED, None
    if id_ is not None:
        state, why = followed(parts, id_, PATIENCE if wait else 0)
    told = {"event": name, "account": change.account, "hash": change.hash,
            "confirmation": id_, "state": state.value, "why": why}  # fmt: skip
    if plain:
        line(told)
    else:
        table(["", ""], [(key, value) for key, value in told.items() if value])
    return ENDS[state]


def _show(change: Proposed, plain: bool, state: State | None = None) -> None:
    told = agreeing.told(change) | {"state": state.value if state else None}
    if plain:
        after = {"before": ahead.told(change.before), "after": ahead.told(change.after)}
        line(told | after)
        return
    shown = ("event", "account", "service", "asked", "from", "to", "when", "due")
    table(["", ""], [(key, told[key]) for key in shown if told[key]])
    for each in told["lines"]:
        click.echo(f"  {each}")
    for each in told["losses"]:
        click.echo(f"  less: {each}")
    picture.show(change.before)
    click.echo("after it")
    picture.show(change.after)
    for step in told["steps"] or [NOTHING]:
        click.echo(f"  {step}")
    name = change.name
    click.echo(f"switchhook approve {name} --plan {change.hash[:SHORT]} --because …")
    click.echo(f"switchhook decline {name} --because …")
