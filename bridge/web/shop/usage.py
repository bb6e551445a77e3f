"""What a customer used: calls, minutes and messages of a period, and what was spent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge import statements
from bridge.access.customers import Right
from bridge.statements import Day
from bridge.web import forms
from bridge.web.shop import drawn
from bridge.web.shop.credit import Whose, month_name
from bridge.web.shop.mine import mine
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Page
from provisioning.core.account import Account
from provisioning.core.usage import Used, total

LONGEST = timedelta(days=366)
MONTHS = 12


class Period(Whose):
    since = forms.day(load_default=None)
    until = forms.day(load_default=None)


@shop.get("/usage", may=Right.SEE, query=Period)
def used(visit: Visit) -> Page:
    """S10, S12: a period day by day, and the last months; a table beside each chart."""
    today = visit.at.astimezone(visit.zone).date()
    until = min(visit.told["until"] or today, today)
    since = visit.told["since"] or until.replace(day=1)
    if not timedelta(0) <= until - since <= LONGEST:
        raise LookupError(
            visit.say("Choose a period that ends after it begins, of a year at most.")
        )
    told: dict[str, Any] = {"since": since, "until": until, "days": [], "months": []}
    with visit.parts.database.read() as tx:
        has = mine(visit, tx, visit.told["account"])
        if has.one:
            days = statements.days(tx, has.one.id, since, until, visit.zone)
            told |= _by_day(visit, since, until, days) | _by_month(visit, tx, has.one)
    return Page("usage", visit.say("Usage"), told | {"has": has})


def _by_day(
    visit: Visit, since: date, until: date, days: tuple[Day, ...]
) -> dict[str, Any]:
    known = {day.day: day.spent for day in days}
    these = [since + timedelta(days=no) for no in range((until - since).days + 1)]
    sums = [known.get(day, Decimal(0)) for day in these]
    return {
        "days": [day for day in reversed(days) if day.used != Used() or day.spent],
        "whole": total(day.used for day in days),
        "spent": sum(sums, Decimal(0)),
        "day_chart": drawn.bars(visit.say("Spent by day"), sums),
        "day_name": lambda day: _day(visit, day),
    }


def _by_month(visit: Visit, tx: sa.Connection, of: Account) -> dict[str, Any]:
    every = statements.months(tx, of.id, visit.zone, visit.at)[-MONTHS:]
    rows = [(month_name(visit, first), line.used.whole) for first, line in every]
    about, sums = visit.say("Spent by month"), [spent for _, spent in rows]
    return {
        "months": rows[::-1],
        "month_chart": drawn.bars(about, sums),
    }


def _day(visit: Visit, day: date) -> str:
    return visit.speech.date(day)
