"""The verb for a promise to pay: staff give it for a customer, in its bounds."""

from __future__ import annotations

import getpass
from datetime import timedelta
from pathlib import Path

import click

from bridge.changing import service_of
from bridge.cli.output import REFUSED, as_json, fail, found, kept, line, order, speaks
from bridge.store import unpaid
from bridge.words import render
from provisioning.core.pledging import pledged
from provisioning.core.sentences import Sentence, minute


@click.command()
@click.argument("name", metavar="SERVICE")
@click.option("--days", type=click.IntRange(min=1), required=True)
@click.option("--because", required=True, help="Why; it is kept.")
@click.option("--group", help="The customer group its price is for.")
@as_json
@click.pass_obj
@speaks
def promise(
    path: Path, name: str, days: int, because: str, group: str | None, plain: bool
) -> None:
    """Believe that it will be paid within so many days: until then it is not switched
    off for that. Once until it is paid; refused (exit code 4), nothing changes."""
    parts = kept(path)
    account = found(parts, name)
    service, by = service_of(account, name), f"staff:{getpass.getuser()}"
    lasts, at = timedelta(days=days), parts.clock.now()
    given = pledged(account, service, parts.catalog, at, lasts, by, because, group)
    if isinstance(given, Sentence):
        fail(str(render(given)), REFUSED)
    told = order(
        parts,
        "promise.give",
        promise=unpaid.from_promise(given),
        revision=account.revision,
    )
    told |= {"service": service.ref, "debt": str(given.debt)}
    said = f"{given.debt} of {service.ref} promised until {minute(given.until)}"
    line(told) if plain else click.echo(said)
