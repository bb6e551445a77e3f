"""What was used, and what customers have, as rows: on terminals, on pages, in files."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from bridge import statements
from bridge.statements import Day
from bridge.store.database import Database
from provisioning.core.money import text
from provisioning.core.statement import Line, Parts, Way
from provisioning.core.usage import Used, starts

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
FIRST, LAST = "1970-01", "2199-12"
SUMS = ("opening", "carried", "paid", "granted", "moved", "used", "reversed",
        "expired", "written off", "closing")  # fmt: skip
LIABILITY = ("source", "currency", "credit", *SUMS)
USED = ("calls", "minutes", "messages", "peak", "cost")
DAYS = ("day", *USED, "balance", "spent")


def month_named(written: str) -> date | None:
    """Its first day; None, where it is no month."""
    is_one = MONTH.fullmatch(written) and FIRST <= written <= LAST
    return date.fromisoformat(f"{written}-01") if is_one else None


def span(written: str | None, at: datetime, zone: tzinfo) -> tuple[date, date]:
    """The first and the last day of a month that is named, or of the one it is then."""
    named = month_named(written) if written else None
    first = named or statements.month_of(at, zone)
    return first, statements.after(first) - timedelta(days=1)


def used(of: Used) -> dict[str, Any]:
    return {
        "calls": of.calls,
        "minutes": Decimal(f"{of.seconds / 60:.1f}"),
        "messages": of.messages,
        "peak": of.peak,
        "cost": money(of.cost),
    }


def day(of: Day) -> dict[str, Any]:
    return {
        "day": of.day.isoformat(),
        **used(of.used),
        "balance": None if of.balance is None else money(of.balance),
        "spent": money(of.spent),
    }


def bought_and_free(of: Line) -> list[dict[str, Any]]:
    """A row for what was bought, and one for what was free."""
    sums: dict[str, Parts] = {
        "opening": of.opening,
        **{way.value: of.of(way) for way in Way},
        "used": Parts().less(of.used),
        "closing": of.closing,
    }
    return [
        {"credit": part} | {name: money(getattr(sums[name], part)) for name in SUMS}
        for part in ("bought", "free")
    ]


def liability(
    database: Database, first: date, zone: tzinfo
) -> tuple[list[dict[str, Any]], list[str]]:
    """What customers had at a month's end, and the currencies in which the ledger's own
    sums are others. All of it is read: as it stood at one moment."""
    with database.snapshot(slow=True) as tx:
        sheet = statements.liability(tx, first, zone)
        until = starts(statements.after(first), zone)
        wrong = statements.unproven(tx, sheet, until)
    rows = [
        {"source": owed.source, "currency": owed.currency} | row
        for owed in sheet
        for row in bought_and_free(owed.line)
    ]
    return rows, wrong


def money(value: Decimal) -> Decimal:
    return Decimal(text(value))
