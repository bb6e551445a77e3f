"""`switchhook reseller`: what the shops of resellers sold, what is theirs of it, and
what they pay it from."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from bridge import sheets
from bridge.billing import drawing, floats, margins
from bridge.cli.output import as_json, in_commas, kept, line, order, speaks, table
from bridge.cli.usage import as_csv, in_month
from bridge.parts import Parts
from bridge.store import floats as entries

MOST = 1000


@click.group()
def reseller() -> None:
    """What the shops of resellers sold, what is theirs, and what they pay it from."""


@reseller.command("statement")
@click.argument("source")
@in_month
@as_csv
@as_json
@click.pass_obj
@speaks
def statement(
    path: Path, source: str, month: str | None, commas: bool, plain: bool
) -> None:
    """The paid orders of a shop in a month: sold for, at base price, the difference,
    and what of it is owed to the reseller: nothing of what he was paid himself."""
    parts = kept(path)
    _currency(parts, source)
    if month is not None and sheets.month_named(month) is None:
        raise LookupError(f'"{month}" is no month; write it as 2026-11')
    zone = ZoneInfo(parts.catalog.terms.zone)
    first, _ = sheets.span(month, parts.clock.now(), zone)
    with parts.database.read() as tx:
        found = margins.statement(tx, source, first, zone)
    rows = [margins.written(row) for row in found.rows]
    sums = [margins.written(margins.summed(each)) for each in found.sums]
    moved = margins.written(margins.moved(found.float)) if found.float else None
    if commas:
        in_commas(margins.COLUMNS, rows)
    elif plain:
        told = {"source": source, "month": found.month, "sums": sums, "orders": rows}
        line(told | {"float": moved})
    else:
        table(margins.COLUMNS, [list(each.values()) for each in rows])
        table(margins.SUMS, [list(each.values()) for each in sums])
        if moved:
            table(["float", *moved], [[source, *moved.values()]])


REFERENCE = click.option(
    "--reference", required=True, help="Of the transfer or ticket: it counts once."
)
BECAUSE = click.option("--reason", "because", required=True, help="Why; it is kept.")
SOURCE, SUM = click.argument("source"), click.argument("sum_", metavar="SUM")


def _of_a_sum(do: Any) -> Any:
    """What every verb is told that books something on a shop's float."""
    for given in (speaks, click.pass_obj, as_json, BECAUSE, SUM, SOURCE):
        do = given(do)
    return do


@reseller.command("float")
@click.argument("source")
@as_json
@click.pass_obj
@speaks
def show(path: Path, source: str, plain: bool) -> None:
    """What is left of it, and each entry, the newest first."""
    parts = kept(path)
    currency = _currency(parts, source)
    with parts.database.read() as tx:
        has = drawing.of(tx, source, currency)
        rows = entries.listed(tx, source, None, MOST)
    found = [margins.written(floats.row(each)) for each in rows]
    shown = margins.written(floats.shown(has))
    if plain:
        line({"source": source, **shown, "entries": found})
        return
    table(list(shown), [list(shown.values())])
    table(floats.COLUMNS, [list(each.values()) for each in found])


@reseller.command("deposit")
@REFERENCE
@_of_a_sum
def deposit(
    path: Path, source: str, sum_: str, reference: str, because: str, plain: bool
) -> None:
    """His money came, in his shop's currency: what was held for it goes on."""
    _book(path, "deposit", source, sum_, because, plain, reference=reference)


@reseller.command("adjust")
@REFERENCE
@_of_a_sum
def adjust(
    path: Path, source: str, sum_: str, reference: str, because: str, plain: bool
) -> None:
    """Correct it, up or, behind a `--`, down: `reseller adjust … acme -- -5.00`."""
    _book(path, "adjust", source, sum_, because, plain, reference=reference)


@reseller.command("limit")
@_of_a_sum
def limit(path: Path, source: str, sum_: str, because: str, plain: bool) -> None:
    """How far below nothing he may draw; 0 for not at all."""
    _book(path, "limit", source, sum_, because, plain)


def _book(
    path: Path, verb: str, source: str, sum_: str, because: str, plain: bool,
    **more: Any,
) -> None:  # fmt: skip
    parts = kept(path)
    told = order(
        parts, f"float.{verb}", source=source, amount=sum_,
        currency=_currency(parts, source), because=because,
        by=f"staff:{getpass.getuser()}", **more,
    )  # fmt: skip
    line(told) if plain else click.echo(floats.said(told))


def _currency(parts: Parts, source: str) -> str:
    """In which its shop sells."""
    known = parts.config.shops
    if source not in known:
        there = ", ".join(known) or "none"
        raise LookupError(f"source {source} has no shop; those that have one: {there}")
    return known[source].currency
