"""Verbs for what was used: usage, threshold, liability."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from bridge import sheets, statements
from bridge.cli.output import (
    ERROR,
    as_json,
    fail,
    found,
    in_commas,
    kept,
    line,
    listed,
    order,
    speaks,
    table,
)
from bridge.parts import Parts
from bridge.sheets import DAYS, LIABILITY
from bridge.store import thresholds
from bridge.store.thresholds import Kept
from bridge.words import render
from provisioning.core.money import amount, text
from provisioning.core.statement import Line
from provisioning.core.thresholds import Measure, Per

in_month = click.option("--month", help="As 2026-11; left out, the one it is.")
as_csv = click.option("--csv", "commas", is_flag=True, help="As a sheet.")


@click.command()
@click.argument("account")
@in_month
@as_csv
@as_json
@click.pass_obj
@speaks
def usage(
    path: Path, account: str, month: str | None, commas: bool, plain: bool
) -> None:
    """What came into an account in a month, what was used of it, and each day."""
    parts = kept(path)
    known = found(parts, account)
    zone = _zone(parts)
    first = _first(month, parts, zone)
    with parts.database.read() as tx:
        told = statements.month(tx, known.id, first, zone)
    days = [sheets.day(day) for day in told.days]
    if commas:
        in_commas(DAYS, days)
    elif plain:
        line({"account": known.id, "month": f"{first:%Y-%m}", "zone": zone.key,
              "currency": known.currency, **_sums(told.line), **sheets.used(told.used),
              "days": days})  # fmt: skip
    else:
        lines = sheets.bought_and_free(told.line)
        table(("credit", *sheets.SUMS), [[each[n] for n in ("credit", *sheets.SUMS)]
                                       for each in lines])  # fmt: skip
        table(DAYS, [[day[name] for name in DAYS] for day in days])


@click.command()
@in_month
@as_csv
@as_json
@click.pass_obj
@speaks
def liability(path: Path, month: str | None, commas: bool, plain: bool) -> None:
    """What customers had at a month's end, bought and free: by source and currency."""
    parts = kept(path)
    zone = _zone(parts)
    first = _first(month, parts, zone)
    rows, wrong = sheets.liability(parts.database, first, zone)
    if commas:
        in_commas(LIABILITY, rows)
    elif plain:
        line({"month": f"{first:%Y-%m}", "zone": zone.key, "proven": not wrong,
              "lines": rows})  # fmt: skip
    else:
        table(LIABILITY, [[row[name] for name in LIABILITY] for row in rows])
    if wrong:
        fail(
            f"the ledger's own sums in {', '.join(wrong)} are others than this sheet's;"
            " see `switchhook db check`",
            ERROR,
        )


@click.group()
def threshold() -> None:
    """Bounds a subscriber set: he is told once each time one is crossed."""


@threshold.command("set")
@click.argument("account")
@click.argument("measure", type=click.Choice([m.value for m in Measure]))
@click.argument("level")
@click.option("--per", type=click.Choice([p.value for p in Per]), help="Of usage.")
@click.option("--by", default="staff", show_default=True, help="Who wanted it.")
@as_json
@click.pass_obj
@speaks
def threshold_set(
    path: Path,
    account: str,
    measure: str,
    level: str,
    per: str | None,
    by: str,
    plain: bool,
) -> None:
    """Tell when the balance falls below LEVEL, or usage rises above it."""
    parts = kept(path)
    known = found(parts, account)
    if (measure == Measure.BALANCE) == (per is not None):
        fail(
            "a balance is as it is: leave out --per"
            if per
            else f"say over which time {measure} are counted: --per day or --per month"
        )
    try:
        amount(level)
    except ValueError as wrong:
        fail(str(wrong))
    service = account if account != known.id else None
    told = order(
        parts, "threshold.set", account=known.id, service=service, measure=measure,
        level=level, per=per, by=by,
    )  # fmt: skip
    line(told) if plain else click.echo(f"threshold {told['threshold']} is set")


@threshold.command("list")
@click.argument("account", required=False)
@as_json
@click.pass_obj
@speaks
def threshold_list(path: Path, account: str | None, plain: bool) -> None:
    """Each bound, whether it is crossed, and what was told last."""
    parts = kept(path)
    known = found(parts, account) if account else None
    with parts.database.read() as tx:
        these = thresholds.kept(tx, known.id if known else None)
    listed([_threshold(each) for each in these], plain)


@threshold.command("drop")
@click.argument("number", type=int)
@as_json
@click.pass_obj
@speaks
def threshold_drop(path: Path, number: int, plain: bool) -> None:
    """Nobody wants to be told any more."""
    told = order(kept(path), "threshold.drop", threshold=number)
    line(told) if plain else click.echo(f"threshold {number} is dropped")


def _zone(parts: Parts) -> ZoneInfo:
    return ZoneInfo(parts.catalog.terms.zone)


def _first(month: str | None, parts: Parts, zone: ZoneInfo) -> date:
    if month is not None and sheets.month_named(month) is None:
        fail(f'"{month}" is no month; write it as 2026-11')
    return sheets.span(month, parts.clock.now(), zone)[0]


def _sums(whole: Line) -> dict[str, Any]:
    return {row.pop("credit"): row for row in sheets.bought_and_free(whole)}


def _threshold(each: Kept) -> dict[str, Any]:
    bound = each.bound
    return {
        "threshold": each.id,
        "account": each.account,
        "service": each.service,
        "measure": bound.measure.value,
        "level": text(bound.level),
        "per": bound.per.value if bound.per else None,
        "crossed": bound.crossed,
        "times": bound.times,
        "since": each.crossed_at.isoformat(timespec="seconds")
        if each.crossed_at
        else None,
        "said": render(each.said),
    }
