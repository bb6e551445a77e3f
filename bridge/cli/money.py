"""Verbs for money: what is held, and what becomes of it; goodwill."""

from __future__ import annotations

from pathlib import Path

import click

from bridge import goodwill
from bridge.cli.output import UNSURE, as_json, kept, line, order, speaks, table
from bridge.keys import random_name
from bridge.store import accounts, holdings
from bridge.store.lanes import INTAKE
from provisioning.core.money import text

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
        places = accounts.of_clients(tx, list(clients.values())).read()
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
@as_json
@click.pass_obj
@speaks
def held_refund(path: Path, key: str, because: str, plain: bool) -> None:
    """Say that the platform paid it back: it is never sent."""
    told = order(kept(path), "money.refund", key=key, because=because)
    said = f"{told['sum']} of {key} are not sent any more"
    line(told) if plain else click.echo(said)


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
