"""Verbs for money: what is held, and what becomes of it; goodwill."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from bridge import goodwill
from bridge.cli.output import UNSURE, as_json, fail, kept, line, order, speaks, table
from bridge.keys import random_name
from bridge.parts import Parts
from bridge.platforms import whmcs
from bridge.store import holdings, whereabouts
from bridge.store.lanes import INTAKE
from provisioning.core.money import amount, text

COLUMNS = ("key", "with", "sum", "state", "since", "choices")


@click.group()
def held() -> None:
    """Money that was paid and is not at the backend yet."""


@held.command("list")
@as_json
@click.pass_obj
@speaks
def held_list(path: Path, plain: bool) -> None:
    """The longest waiting first, each with where it could go; exit code 3 if any."""
    with kept(path).database.read() as tx:
        found = holdings.listed(tx)
        clients = {
            one.owner: one.owner.removeprefix(INTAKE)
            for one in found
            if one.owner.startswith(INTAKE)
        }
        places = whereabouts.of_clients(tx, list(clients.values())).read()
    shown = [
        {
            "key": one.key,
            "with": one.owner,
            "sum": f"{text(one.amount)} {one.currency}",
            "state": "refused" if one.state == "parked" else "waits",
            "since": one.since.isoformat(timespec="seconds"),
            "event": one.event,
            "choices": [
                place.account for place in places.get(clients.get(one.owner, ""), ())
            ],
        }
        for one in found
    ]
    if plain:
        line(shown)
    elif not shown:
        click.echo("nothing is held")
    else:
        table(
            COLUMNS,
            [[row[c] if c != "choices" else ", ".join(row[c]) for c in COLUMNS]
             for row in shown],
        )  # fmt: skip
        click.echo(
            "`switchhook held move KEY --to ACCOUNT` applies it there;"
            " `switchhook held refund KEY` where the platform paid it back"
        )
    raise SystemExit(UNSURE if shown else 0)


@held.command("move")
@click.argument("key")
@click.option("--to", required=True, metavar="ACCOUNT", help="Whose it is.")
@click.option("--because", required=True, help="Why you know; it is kept.")
@as_json
@click.pass_obj
@speaks
def held_move(path: Path, key: str, to: str, because: str, plain: bool) -> None:
    """Apply held money to this account, wherever it was waiting."""
    told = order(kept(path), "money.move", key=key, to=to, because=because)
    line(told) if plain else click.echo(f"{key} goes to {to}, from {told['from']}")


@held.command("retry")
@click.argument("key")
@as_json
@click.pass_obj
@speaks
def held_retry(path: Path, key: str, plain: bool) -> None:
    """Send again a sum that the backend refused, whatever it is."""
    told = order(kept(path), "money.retry", key=key)
    line(told) if plain else click.echo(f"{key} is sent to {told['account']} again")


@held.command("refund")
@click.argument("key")
@click.option("--because", required=True, help="Who paid it back, and how; it is kept.")
@click.option(
    "--credit",
    metavar="SUM",
    help="Have his WHMCS give him so much credit for it, in his currency there.",
)
@as_json
@click.pass_obj
@speaks
def held_refund(
    path: Path, key: str, because: str, credit: str | None, plain: bool
) -> None:
    """Say that the platform paid it back: it is never sent."""
    loaded, more = kept(path), {}
    if credit is not None:
        more = {"credit": text(_credit(credit)), "channel": _channel(loaded, key)}
    told = order(loaded, "money.refund", key=key, because=because, **more)
    said = f"{told['sum']} of {key} are not sent any more"
    if credit is not None:
        said += f"; his WHMCS is asked to credit {credit}: `switchhook delivery list`"
    line(told) if plain else click.echo(said)


def _credit(written: str) -> Decimal:
    try:
        sum_ = amount(written)
    except ValueError as wrong:
        fail(str(wrong))
    if sum_ <= 0:
        fail(f"{written} is no credit; leave --credit out where he was paid otherwise")
    return sum_


def _channel(loaded: Parts, key: str) -> str:
    """By which his platform is asked."""
    source = key.partition(":")[0]
    channel = whmcs.channel(source)
    if channel not in loaded.channels:
        fail(
            f'source "{source}" is no WHMCS that we may ask; pay it back there, then'
            " leave --credit out"
        )
    return channel


@click.command()
@click.argument("name")
@click.argument("sum_", metavar="SUM")
@click.argument("currency")
@click.option("--because", required=True, help="Why; it stands in the ledger.")
@click.option("--reference", help="Your ticket: the same one counts once.")
@as_json
@click.pass_obj
@speaks
def topup(
    path: Path,
    name: str,
    sum_: str,
    currency: str,
    because: str,
    reference: str | None,
    plain: bool,
) -> None:
    """Give an account or service credit nobody paid for, as in `topup shop:7 5.00 USD`.

    Within what `goodwill` in the configuration allows for an account in 30 days.
    """
    loaded = kept(path)
    told = order(
        loaded,
        "money.give",
        **goodwill.asked(loaded.config.goodwill, name, currency, sum_),
        because=because,
        reference=reference or random_name(10),
    )
    line(told) if plain else click.echo(f"{told['sum']} are given as {told['given']}")
