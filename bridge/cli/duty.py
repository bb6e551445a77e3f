"""Verbs for what runs beside the lanes: alert, delivery, tick."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.output import (
    UNSURE,
    as_json,
    kept,
    line,
    listed,
    moment,
    order,
    speaks,
    written,
)
from bridge.store import alarms, outbox
from bridge.store.outbox import State
from bridge.words import render


@click.group()
def alert() -> None:
    """What somebody should look at, for as long as it lasts."""


@alert.command("list")
@click.option("--over", is_flag=True, help="Those that are over as well.")
@click.option("--last", default=50, show_default=True, help="With --over: how many.")
@as_json
@click.pass_obj
@speaks
def alert_list(path: Path, over: bool, last: int, plain: bool) -> None:
    """What lasts, and the way out of each; exit code 3 if anything does."""
    with written(path).database.read() as tx:
        lasting = alarms.lasting(tx)
        found = alarms.newest(tx, last) if over else lasting
    shown = [
        {
            "alert": one.id,
            "topic": one.topic,
            "about": one.about,
            "since": moment(one.began_at),
            "seen": moment(one.seen_at),
            "told": moment(one.told_at),
            "over": moment(one.ended_at),
            "why": render(one.why),
        }
        for one in found
    ]
    listed(shown, plain, "no alerts")
    raise SystemExit(UNSURE if lasting else 0)


@click.group()
def delivery() -> None:
    """Mails and webhooks on their way out."""


@delivery.command("list")
@click.option(
    "--state",
    type=click.Choice([state.value for state in State]),
    help="Only those that are so.",
)
@click.option("--last", default=50, show_default=True)
@as_json
@click.pass_obj
@speaks
def delivery_list(path: Path, state: str | None, last: int, plain: bool) -> None:
    """The newest deliveries, and what stands in the way of those that wait."""
    with written(path).database.read() as tx:
        found = outbox.newest(tx, last, State(state) if state else None)
    shown = [
        {
            "delivery": one.id,
            "channel": one.channel,
            "state": one.state.value,
            "made": moment(one.made_at),
            "due": moment(one.due),
            "ended": moment(one.ended_at),
            "tries": one.tries,
            "said": one.said,
            "key": one.key,
        }
        for one in found
    ]
    listed(shown, plain)


@delivery.command("retry")
@click.argument("id_", metavar="DELIVERY", type=int)
@as_json
@click.pass_obj
@speaks
def delivery_retry(path: Path, id_: int, plain: bool) -> None:
    """Send one that was refused or given up anew, or one that waits at once."""
    told = order(kept(path), "delivery.retry", delivery=id_)
    line(told) if plain else click.echo(f"delivery {id_} is sent again")
