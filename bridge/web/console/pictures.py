"""The pictures of the first page: money day by day, and how long events took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from markupsafe import Markup

from bridge.store.pages import days
from bridge.store.pages.days import Money
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


@dataclass(frozen=True, slots=True)
class Picture:
    currency: str
    chart: Markup
    rows: list[Money]
    """The newest first, of the days on which anything moved."""


def money(tx: sa.Connection, asked: Asked, today: datetime) -> list[Picture]:
    """What was paid and what arrived: two lines that should be one."""
    zone = asked.parts.catalog.terms.zone
    here = ZoneInfo(zone) if zone != "UTC" else UTC

    def day(at: datetime) -> date:
        return at.astimezone(here).date()

    last = day(asked.at)
    these = [last - timedelta(days=no) for no in range(DAYS - 1, -1, -1)]
    since = today - timedelta(days=DAYS - 1, hours=1)
    found = days.money(tx, asked.scope, since, day, these)
    return [_picture(currency, rows) for currency, rows in found.items()]


def _picture(currency: str, rows: list[Money]) -> Picture:
    about = f"Paid, applied and unsure per day in {currency}; the table says the same"
    lines = [
        Line(name, name, [getattr(row, name) for row in rows])
        for name in ("paid", "applied", "unsure")
    ]
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
