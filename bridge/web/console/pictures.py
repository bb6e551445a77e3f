"""The pictures of the first page: money day by day, and how long events took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup

from bridge.clock import calendar
from bridge.store.pages import days
from bridge.store.pages.days import Money
from bridge.store.pages.quarters import Moved
from bridge.web.asked import Asked
from bridge.web.console import charts
from bridge.web.console.charts import Line

DAYS = 30
WITHIN = (
    ("1 s", timedelta(seconds=1)),
    ("5 s", timedelta(seconds=5)),
    ("30 s", timedelta(seconds=30)),
    ("2 min", timedelta(minutes=2)),
    ("10 min", timedelta(minutes=10)),
    ("1 h", timedelta(hours=1)),
)
SHARES = (("half of them", 50), ("95 of 100", 95), ("99 of 100", 99))

Sums = Mapping[tuple[str, str], Decimal]
"""By currency and by what happened to it."""

NAMES = {("paid", "held"): "paid", ("held", "applied"): "applied"}
"""What it is, by the books it went from and to."""


@dataclass(frozen=True, slots=True)
class Picture:
    currency: str
    chart: Markup
    rows: list[Money]
    """The newest first, of the days on which anything moved."""


def first(asked: Asked) -> datetime:
    """When the first day of the pictures began."""
    here = calendar(asked.parts.catalog.terms.zone)
    return _starts(_days(asked, here)[0], here)


def money(tx: sa.Connection, asked: Asked, moved: Iterable[Moved]) -> list[Picture]:
    """What was paid and what arrived: two lines that should be one."""
    here = calendar(asked.parts.catalog.terms.zone)
    these = _days(asked, here)
    since = _starts(these[0], here)
    unsure = days.unsure(tx, asked.scope, since)
    sums = _by_day([*_named(moved), *unsure], here)
    found = {day: sums.get(day, {}) for day in these}
    currencies = {currency for sums in found.values() for currency, _ in sums}
    return [_picture(each, found) for each in sorted(currencies)]


def _days(asked: Asked, here: tzinfo) -> list[date]:
    last = asked.at.astimezone(here).date()
    return [last - timedelta(days=no) for no in range(DAYS - 1, -1, -1)]


def _named(moved: Iterable[Moved]) -> Iterator[days.Sum]:
    for row in moved:
        name = NAMES.get((row.from_book, row.to_book))
        if name is not None:
            yield name, row.at, row.currency, row.amount


def _starts(day: date, here: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=here).astimezone(UTC)


def _by_day(sums: Iterable[days.Sum], here: tzinfo) -> dict[date, Sums]:
    found: dict[date, dict[tuple[str, str], Decimal]] = {}
    for name, at, currency, amount in sums:
        of = found.setdefault(at.astimezone(here).date(), {})
        of[currency, name] = of.get((currency, name), Decimal(0)) + amount
    return dict(found)


def _picture(currency: str, found: Mapping[date, Sums]) -> Picture:
    names = ("paid", "applied", "unsure")
    rows = [
        Money(day, *(sums.get((currency, name), Decimal(0)) for name in names))
        for day, sums in found.items()
    ]
    about = f"Paid, applied and unsure per day in {currency}; the table says the same"
    lines = [Line(name, name, [getattr(row, name) for row in rows]) for name in names]
    chart = charts.lines(about, [f"{rows[0].day}", f"{rows[-1].day}"], lines)
    moved = [row for row in reversed(rows) if row.paid or row.applied or row.unsure]
    return Picture(currency, chart, moved)


def times(tx: sa.Connection, asked: Asked) -> dict[str, Any] | None:
    """From the door to done, of the newest events that are."""
    took = days.took(tx, asked.scope)
    if not took:
        return None
    counts, before = [], 0
    for _, most in WITHIN:
        until = sum(each <= most for each in took)
        counts.append(until - before)
        before = until
    labels = [f"≤ {name}" for name, _ in WITHIN] + ["longer"]
    counts.append(len(took) - before)
    about = "How long events took from received to done; the table says the same"
    return {
        "chart": charts.bars(about, labels, counts),
        "rows": list(zip(labels, counts, strict=True)),
        "shares": [(name, took[(len(took) - 1) * of // 100]) for name, of in SHARES],
        "count": len(took),
    }
