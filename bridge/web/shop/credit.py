"""A customer's credit: the balance and its months, and each sum that came or went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Response
from marshmallow import ValidationError, fields, validate

from bridge import csvs, statements
from bridge.access.customers import Right
from bridge.billing import payments
from bridge.billing.payments import Method, Payment, Reason, Type, Which
from bridge.web.forms import Form, day, text
from bridge.web.shop import called
from bridge.web.shop.mine import mine
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import HEADERS, Page
from provisioning.core.account import Account
from provisioning.core.money import amount
from provisioning.core.statement import Line, Parts, Way
from provisioning.core.usage import starts

MOST = 50
IN_A_SHEET = 100_000
MONTH = validate.Regexp(r"(19[7-9]|20)\d+-(0[1-9]|1[0-2])\Z")
COLUMNS = ("id", "amount", "currency", "type", "method", "reason", "order", "made",
           "completed")  # fmt: skip


def _sum(written: str) -> None:
    try:
        amount(written)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from None


class Whose(Form):
    account = text(load_default=None, most=100)


class InMonth(Whose):
    month = fields.String(load_default=None, validate=[validate.Length(7, 7), MONTH])


class Filter(Whose):
    type = fields.Enum(Type, by_value=True, load_default=None)
    method = fields.Enum(Method, by_value=True, load_default=None)
    reason = fields.Enum(Reason, by_value=True, load_default=None)
    least = fields.String(load_default=None, validate=_sum)
    since = day(load_default=None)
    until = day(load_default=None)
    after = text(load_default=None, most=100)


@dataclass(frozen=True, slots=True)
class Row:
    """What came, or went, bought and free apart."""

    name: str
    parts: Parts


@shop.get("/balance", may=Right.SEE, query=InMonth)
def balance(visit: Visit) -> Page:
    """S1: what is there now, and a month with what came in and what was used."""
    zone = visit.zone
    with visit.parts.database.read() as tx:
        has = mine(visit, tx, visit.told["account"])
        shown = _balance(visit, tx, has.one, zone) if has.one else {}
    return Page("balance", visit.say("Balance"), {"has": has} | shown)


def _balance(
    visit: Visit, tx: sa.Connection, of: Account, zone: ZoneInfo
) -> dict[str, Any]:
    asked = visit.told["month"]
    this = statements.month_of(visit.at, zone)
    first = date.fromisoformat(f"{asked}-01") if asked else this
    known = {each for each, _ in statements.months(tx, of.id, zone, visit.at)}
    month = statements.month(tx, of.id, first, zone)
    return {
        "now": statements.now(tx, of.id),
        "month": first,
        "months": [
            (f"{each:%Y-%m}", month_name(visit, each))
            for each in sorted({*known, first, this}, reverse=True)
        ],
        "rows": _rows(visit, month.line),
    }


def _rows(visit: Visit, line: Line) -> list[Row]:
    """opening + all that came - used = closing."""
    came = [
        Row(name, line.of(way))
        for way, name in _ways(visit).items()
        if line.of(way) != Parts()
    ]
    return [
        Row(visit.say("At the beginning"), line.opening),
        *came,
        Row(visit.say("Used"), Parts().less(line.used)),
        Row(visit.say("At the end"), line.closing),
    ]


@shop.get("/payments", may=Right.SEE, query=Filter)
def history(visit: Visit) -> Page:
    """P17: each with what it is, filtered as asked, a page at a time."""
    told = visit.told
    with visit.parts.database.read() as tx:
        has = mine(visit, tx, told["account"])
        every = payments.history(tx, has.one) if has.one else []
    found, after = payments.page(every, _which(visit), told["after"], MOST)
    asked = {
        name: value.isoformat() if isinstance(value, date) else str(value)
        for name, value in told.items()
        if value is not None and name != "after"
    }
    shown = {
        "has": has,
        "found": found,
        "after": after,
        "asked": asked,
        "types": called.types(visit.speech),
        "methods": called.methods(visit.speech),
        "reasons": called.reasons(visit.speech),
        "filtered": bool(asked.keys() - {"account"}),
    }
    return Page("payments", visit.say("Payment history"), shown)


@shop.get("/payments.csv", may=Right.SEE, query=Filter)
def sheet(visit: Visit) -> Response:
    """The same as a table to keep: all of what is asked for."""
    with visit.parts.database.read() as tx:
        has = mine(visit, tx, visit.told["account"])
        every = payments.history(tx, has.one) if has.one else []
    found, _ = payments.page(every, _which(visit), None, IN_A_SHEET)
    rows = [_cells(each, has.one) for each in found if has.one]
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="payments.csv"'}
    made = csvs.written(COLUMNS, rows)
    return Response(made, headers=headers, mimetype="text/csv")


def _cells(each: Payment, of: Account) -> list[object]:
    done = each.done_at.isoformat(timespec="seconds") if each.done_at else None
    made = each.at.isoformat(timespec="seconds")
    return [each.id, each.amount, of.currency, each.type.value, each.method.value,
            each.reason.value, each.order, made, done]  # fmt: skip


def _which(visit: Visit) -> Which:
    told, zone = visit.told, visit.zone
    since, until = told["since"], told["until"]
    return Which(
        told["type"], told["method"], told["reason"],
        Decimal(told["least"]) if told["least"] else None,
        starts(since, zone) if since else None,
        starts(until + statements.DAY, zone) if until else None,
    )  # fmt: skip


def month_name(visit: Visit, first: date) -> str:
    return visit.speech.month(datetime(first.year, first.month, 15, tzinfo=visit.zone))


def _ways(visit: Visit) -> dict[Way, str]:
    return {
        Way.CARRIED: visit.say("Brought along"),
        Way.PAID: visit.say("Bought"),
        Way.GRANTED: visit.say("Given free"),
        Way.MOVED: visit.say("Moved between accounts"),
        Way.REVERSED: visit.say("Paid back"),
        Way.EXPIRED: visit.say("Expired unused"),
        Way.WRITTEN_OFF: visit.say("Written off"),
    }
