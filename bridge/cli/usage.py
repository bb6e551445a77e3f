"""Verbs for what was used: usage, threshold, liability."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from bridge import statements
from bridge.app import Parts
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
from bridge.statements import Month
from bridge.store import thresholds
from bridge.store.thresholds import Kept
from bridge.words import render
from provisioning.core.money import amount, text
from provisioning.core.statement import Line, Way
from provisioning.core.statement import Parts as Sums
from provisioning.core.thresholds import Measure, Per
from provisioning.core.usage import starts

WRITTEN = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
SHEET = ("source", "currency", "credit", "opening", "carried", "paid", "granted",
         "moved", "used", "reversed", "expired", "written off", "closing")  # fmt: skip
DAYS = ("day", "calls", "minutes", "messages", "peak", "cost", "balance", "spent")

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
    days = [_day(day) for day in told.days]
    if commas:
        in_commas(DAYS, days)
    elif plain:
        line({"account": known.id, "month": f"{first:%Y-%m}", "zone": zone.key,
              "currency": known.currency, **_sums(told.line), **_used(told),
              "days": days})  # fmt: skip
    else:
        lines = _sheet(told.line)
        table(("credit", *SHEET[3:]), [[each[n] for n in ("credit", *SHEET[3:])]
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
    with parts.database.snapshot(slow=True) as tx:
        sheet_ = statements.liability(tx, first, zone)
        until = starts(statements.after(first), zone)
        wrong = statements.unproven(tx, sheet_, until)
    rows = [
        {"source": owed.source, "currency": owed.currency} | row
        for owed in sheet_
        for row in _sheet(owed.line)
    ]
    if commas:
        in_commas(SHEET, rows)
    elif plain:
        line({"month": f"{first:%Y-%m}", "zone": zone.key, "proven": not wrong,
              "lines": rows})  # fmt: skip
    else:
        table(SHEET, [[row[name] for name in SHEET] for row in rows])
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
    if month is None:
        return statements.month_of(parts.clock.now(), zone)
    if not WRITTEN.fullmatch(month) or month < "1970-01":
        fail(f'"{month}" is no month; write it as 2026-11')
    return date.fromisoformat(f"{month}-01")


def _sums(whole: Line) -> dict[str, Any]:
    return {row.pop("credit"): row for row in _sheet(whole)}


def _sheet(whole: Line) -> list[dict[str, Any]]:
    """A row for what was bought, and one for what was free."""
    sums: dict[str, Sums] = {
        "opening": whole.opening,
        **{way.value: whole.of(way) for way in Way},
        "used": Sums().less(whole.used),
        "closing": whole.closing,
    }
    return [
        {"credit": part}
        | {name: _money(getattr(sums[name], part)) for name in SHEET[3:]}
        for part in ("bought", "free")
    ]


def _used(told: Month) -> dict[str, Any]:
    used = told.used
    return {"calls": used.calls, "minutes": _minutes(used.seconds),
            "messages": used.messages, "peak": used.peak,
            "cost": _money(used.cost)}  # fmt: skip


def _day(day: statements.Day) -> dict[str, Any]:
    used = day.used
    return {
        "day": day.day.isoformat(), "calls": used.calls,
        "minutes": _minutes(used.seconds), "messages": used.messages,
        "peak": used.peak, "cost": _money(used.cost),
        "balance": None if day.balance is None else _money(day.balance),
        "spent": _money(day.spent),
    }  # fmt: skip


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


def _money(value: Decimal) -> Decimal:
    return Decimal(text(value))


def _minutes(seconds: int) -> Decimal:
    return Decimal(f"{seconds / 60:.1f}")
