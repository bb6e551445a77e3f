"""`switchhook quote`: what a quote promises, and whether it still holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bridge import quotes
from bridge.changing import chosen, lines
from bridge.cli.output import REFUSED, as_json, fail, kept, line, speaks, table
from bridge.words import render
from provisioning.core.quote import Quote
from provisioning.core.quoted import why_not
from provisioning.core.sentences import Sentence


@click.command()
@click.argument("token")
@click.option("--for", "ref", metavar="SERVICE", help="Whether it holds for that one.")
@as_json
@click.pass_obj
@speaks
def quote(path: Path, token: str, ref: str | None, plain: bool) -> None:
    """What a quote promises. Exit code 4 if it does not hold, or is none of ours."""
    parts = kept(path)
    offer = quotes.opened(parts.keys, token)
    if isinstance(offer, Sentence):
        fail(str(render(offer)), REFUSED)
    catalog, promised = parts.catalog, offer.quote
    with parts.database.read() as tx:
        has = quotes.basis(tx, offer, catalog)
    no = why_not(
        offer, parts.clock.now(),
        version=catalog.version, ref=ref or promised.ref, has=has,
    )  # fmt: skip
    told = _told(promised) | {"holds": no is None, "why not": render(no)}
    if plain:
        line(told)
    else:
        _show(told)
    raise SystemExit(REFUSED if no else 0)


def _told(promised: Quote) -> dict[str, Any]:
    return {
        "service": promised.ref,
        "becomes": chosen(promised.choice),
        "from": promised.starts.isoformat(),
        "until": promised.ends and promised.ends.isoformat(),
        "unit price": str(promised.unit_price),
        "due": str(promised.amount_due),
        "lines": lines(promised),
        "made": promised.at.isoformat(),
        "expires": promised.expires.isoformat(),
    }


def _show(told: dict[str, Any]) -> None:
    shown = ("service", "becomes", "unit price", "due", "expires")
    table(["", ""], [(name, told[name]) for name in shown if told[name]])
    for each in told["lines"]:
        click.echo(f"  {each}")
    click.echo("it holds" if told["holds"] else f"it does not hold: {told['why not']}")
