"""What all customers used, month by month, and what is still owed to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from bridge import csvs, sheets, statements
from bridge.access.roles import May
from bridge.clock import calendar
from bridge.store.pages import used
from bridge.store.pages.used import OfAccount, OfDay
from bridge.web import forms
from bridge.web.asked import Asked
from bridge.web.console import charts
from bridge.web.console.charts import Line
from bridge.web.console.registry import console
from bridge.web.forms import Form
from bridge.web.site import Page, Told

BUSIEST = 50
TOGETHER = 1000
"""Accounts in memory, of a file."""

BY_DAY = ("day", "currency", "accounts", *sheets.USED)
BY_ACCOUNT = ("account", "username", "source", "currency", *sheets.USED)


class InMonth(Form):
    month = forms.month(load_default=None)


@dataclass(frozen=True, slots=True)
class Month:
    """The one that is looked at, and those beside it."""

    first: date
    last: date

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def before(self) -> str:
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        return f"{statements.after(self.first):%Y-%m}"


@console.get("/usage", may=May.SEE, query=InMonth)
def everyone(asked: Asked) -> Page:
    """Day by day, and who used the most."""
    month = _month(asked)
    span = month.first, month.last
    with asked.parts.database.read() as tx:
        days = used.by_day(tx, asked.scope, *span)
        most = used.busiest(tx, asked.scope, *span, BUSIEST)
    told = {"month": month, "days": days[::-1], "chart": _chart(month, days)}
    return Page("usage", "Usage", told | {"most": most, "busiest": BUSIEST})


@console.get("/usage/days.csv", may=May.SEE, query=InMonth)
def days_file(asked: Asked) -> Told:
    """The days as a file."""
    month = _month(asked)
    with asked.parts.database.read() as tx:
        found = used.by_day(tx, asked.scope, month.first, month.last)
    rows = (
        {"day": each.day.isoformat(), "currency": each.currency}
        | {"accounts": each.accounts, **sheets.used(each.used)}
        for each in found
    )
    return _file(f"usage-{month.name}.csv", BY_DAY, rows)


@console.get("/usage/accounts.csv", may=May.SEE, query=InMonth)
def accounts_file(asked: Asked) -> Told:
    """Every account that used anything, as a file."""
    month = _month(asked)
    rows = (
        {"account": each.id, "username": each.username, "source": each.source}
        | {"currency": each.currency, **sheets.used(each.used)}
        for each in _accounts(asked, month)
    )
    return _file(f"usage-{month.name}-accounts.csv", BY_ACCOUNT, rows)


@console.get("/liability", may=May.SEE, whole=True, query=InMonth)
def owed(asked: Asked) -> Page:
    """S1: what customers had at a month's end, bought and free."""
    month = _month(asked)
    database = asked.parts.database
    rows, wrong = sheets.liability(database, month.first, _zone(asked))
    told = {"month": month, "rows": rows, "wrong": wrong, "sums": sheets.SUMS}
    return Page("liability", "Liability", told)


@console.get("/liability.csv", may=May.SEE, whole=True, query=InMonth)
def owed_file(asked: Asked) -> Told:
    """The same as a file."""
    month = _month(asked)
    database = asked.parts.database
    rows, _ = sheets.liability(database, month.first, _zone(asked))
    return _file(f"liability-{month.name}.csv", sheets.LIABILITY, iter(rows))


def _zone(asked: Asked) -> tzinfo:
    return calendar(asked.parts.catalog.terms.zone)


def _month(asked: Asked) -> Month:
    return Month(*sheets.span(asked.told["month"], asked.at, _zone(asked)))


def _accounts(asked: Asked, month: Month) -> Iterator[OfAccount]:
    last = ""
    while True:
        with asked.parts.database.read() as tx:
            some = used.by_account(
                tx, asked.scope, month.first, month.last, last, TOGETHER
            )
        if not some:
            return
        yield from some
        last = some[-1].id


def _file(name: str, titles: tuple[str, ...], rows: Iterator[dict[str, Any]]) -> Told:
    cells = ([row[title] for title in titles] for row in rows)
    return Told(name, csvs.written(titles, cells))


def _chart(month: Month, days: list[OfDay]) -> Markup | None:
    """Calls and messages of each day of the month; None, where there is but one."""
    if len({each.day for each in days}) < 2:  # noqa: PLR2004 - one is no line
        return None
    many = (month.last - month.first).days + 1
    these = [month.first + timedelta(days=no) for no in range(many)]
    lines = [
        Line(name, tone, [_sum(days, day, name) for day in these])
        for name, tone in (("calls", "paid"), ("messages", "applied"))
    ]
    about = "Calls and messages by day; the table below says the same"
    return charts.lines(about, [f"{month.first}", f"{month.last}"], lines)


def _sum(days: list[OfDay], day: date, name: str) -> Decimal:
    return Decimal(sum(getattr(each.used, name) for each in days if each.day == day))
