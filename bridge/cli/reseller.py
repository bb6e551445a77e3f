"""`switchhook reseller`: what the shops of resellers sold, and what is theirs of it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bridge import margins, sheets
from bridge.cli.output import as_json, in_commas, kept, line, speaks, table
from bridge.cli.usage import as_csv, in_month


@click.group()
def reseller() -> None:
    """What the shops of resellers sold, and what is theirs of it."""


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
    """The paid orders of a shop in a month: sold for, at base price, the difference."""
    parts = kept(path)
    known = parts.config.shops
    if source not in known:
        there = ", ".join(known) or "none"
        raise LookupError(f"source {source} has no shop; those that have one: {there}")
    if month is not None and sheets.month_named(month) is None:
        raise LookupError(f'"{month}" is no month; write it as 2026-11')
    zone = ZoneInfo(parts.catalog.terms.zone)
    first, _ = sheets.span(month, parts.clock.now(), zone)
    with parts.database.read() as tx:
        found = margins.statement(tx, source, first, zone)
    rows = [margins.written(margins.row(order)) for order in found.orders]
    sums = [margins.written(margins.summed(each)) for each in found.sums]
    if commas:
        in_commas(margins.COLUMNS, rows)
    elif plain:
        line({"source": source, "month": found.month, "sums": sums, "orders": rows})
    else:
        table(margins.COLUMNS, [list(each.values()) for each in rows])
        table(margins.SUMS, [list(each.values()) for each in sums])
