"""Verbs for what was ordered at a shop and waits: for its money, or for your word."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import click

from bridge.access.roles import ALL
from bridge.billing import carts
from bridge.cli.output import as_json, kept, line, listed, order, speaks
from bridge.store import shop_orders
from provisioning.core.money import Money

MOST = 1000


@click.group()
def purchase() -> None:
    """What was ordered at a shop, and is paid by hand or at its platform."""


@purchase.command("list")
@as_json
@click.pass_obj
@speaks
def purchase_list(path: Path, plain: bool) -> None:
    """Those that nobody has paid yet, and those that are held; the oldest first."""
    with kept(path).database.read() as tx:
        found = shop_orders.waiting(tx, ALL, MOST)
        at_platform = {one.id: carts.handing(tx, one) or "" for one in found}
    shown = [
        {
            "order": one.id,
            "source": one.source,
            "client": one.client,
            "what": one.said["product"],
            "amount": str(Money(one.amount, one.currency)),
            "state": one.state.value,
            "at_platform": str(at_platform[one.id]),
            "payer": one.payer.get("name", ""),
            "ordered": one.made_at,
        }
        for one in found
    ]
    listed(shown, plain, "nothing waits for its money")


@purchase.command("paid")
@click.argument("id_", metavar="ORDER")
@click.option("--because", required=True, help="How you know; it is kept.")
@as_json
@click.pass_obj
@speaks
def purchase_paid(path: Path, id_: str, because: str, plain: bool) -> None:
    """Its money came: what it bought begins now. Held, where its service is not any
    more what it was priced by."""
    told = _said(path, "shop.paid", id_, because)
    said = f"{id_} is paid; it is being set up"
    if told["held"]:
        said = f"{id_} is held with its money: {told['held']}; say `purchase done` or"
        said += " `purchase back`"
    line(told) if plain else click.echo(said)


@purchase.command("done")
@click.argument("id_", metavar="ORDER")
@click.option("--because", required=True, help="Why it fits; it is kept.")
@as_json
@click.pass_obj
@speaks
def purchase_done(path: Path, id_: str, because: str, plain: bool) -> None:
    """What is held is done all the same, for what was paid."""
    told = _said(path, "shop.done", id_, because)
    line(told) if plain else click.echo(f"{id_} is being done")


@purchase.command("back")
@click.argument("id_", metavar="ORDER")
@click.option("--because", required=True, help="Where its money went; it is kept.")
@as_json
@click.pass_obj
@speaks
def purchase_back(path: Path, id_: str, because: str, plain: bool) -> None:
    """What is held is not done, and its money is back, or on another order."""
    told = _said(path, "shop.back", id_, because)
    line(told) if plain else click.echo(f"{id_} is called off; its money is back")


@purchase.command("cancel")
@click.argument("id_", metavar="ORDER")
@click.option("--because", required=True, help="Why; it is kept.")
@as_json
@click.pass_obj
@speaks
def purchase_cancel(path: Path, id_: str, because: str, plain: bool) -> None:
    """Its money will not come: it is called off."""
    told = _said(path, "shop.cancel", id_, because)
    line(told) if plain else click.echo(f"{id_} is called off")


def _said(path: Path, name: str, id_: str, because: str) -> dict[str, Any]:
    by = f"staff:{getpass.getuser()}"
    return order(kept(path), name, order=id_, by=by, because=because)
