"""`switchhook reconcile sums`: where all that was paid stands, in all or by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import click

from bridge.cli.output import ERROR, as_json, fail, in_commas, kept, line, speaks
from bridge.cli.reconcile import BOOKS, say_sums, sum_told
from bridge.clock import calendar
from bridge.parts import Parts
from bridge.store import sheet
from bridge.store.sheet import Line, Sum

PAGE = 500
TITLES = ("source", "invoice", "line", "account", "booked", "currency", *BOOKS)
MONTHS = 12


@click.command()
@click.option("--month", help="Only what was booked in it, as 2026-11.")
@click.option("--csv", "as_csv", is_flag=True, help="A row for each paid line.")
@as_json
@click.pass_obj
@speaks
def sums(path: Path, month: str | None, as_csv: bool, plain: bool) -> None:
    """Σ paid = applied + held + paid back, by source and currency; with --csv by line,
    with the platform's invoice number beside it. Exit code 1 if it does not add up.

    A month is the calendar's of `zone`; where its money is, is as of now.
    """
    parts = kept(path)
    span = _span(month, parts) if month else (None, None)
    if as_csv:
        in_commas(TITLES, map(_row, _lines(parts, *span)))
        return
    found = _summed(_lines(parts, *span)) if month else _all(parts)
    if plain:
        line([sum_told(one) for one in found])
    else:
        say_sums(found)
    raise SystemExit(0 if all(one.adds_up for one in found) else ERROR)


Moment = datetime | None


def _span(month: str, parts: Parts) -> tuple[Moment, Moment]:
    zone = calendar(parts.catalog.terms.zone)
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
    except ValueError:
        fail(f'"{month}" is no month; write it as 2026-11')
    year, last = divmod(first.month, MONTHS)
    until = first.replace(year=first.year + year, month=last + 1)
    return first.astimezone(UTC), until.astimezone(UTC)


def _all(parts: Parts) -> list[Sum]:
    with parts.database.read() as tx:
        return sheet.sums(tx)


def _lines(parts: Parts, since: Moment, until: Moment) -> Iterator[Line]:
    after = 0
    while True:
        with parts.database.read() as tx:
            page = sheet.lines(tx, after=after, most=PAGE, since=since, until=until)
        if not page:
            return
        yield from page
        after = page[-1].id


def _summed(lines: Iterator[Line]) -> list[Sum]:
    found: dict[tuple[str, str], Sum] = {}
    for each in lines:
        key = each.sum.source, each.sum.currency
        none = Sum(*key, *[Decimal(0)] * len(BOOKS))
        so_far = found.get(key, none)
        more = {b: getattr(so_far, b) + getattr(each.sum, b) for b in BOOKS}
        found[key] = replace(so_far, **more)
    return [found[key] for key in sorted(found)]


def _row(each: Line) -> dict[str, object]:
    sum_ = each.sum
    return {
        "source": sum_.source, "invoice": each.invoice, "line": each.line,
        "account": each.owner, "booked": each.at.isoformat(timespec="seconds"),
        "currency": sum_.currency, **{book: getattr(sum_, book) for book in BOOKS},
    }  # fmt: skip
