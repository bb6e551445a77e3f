"""What was used, by day and by account; what customers still have at a month's end."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import Any

from marshmallow import fields

from bridge import sheets, statements
from bridge.access.roles import May
from bridge.clock import calendar
from bridge.store.pages import used
from bridge.web import forms
from bridge.web.api import his
from bridge.web.api.fields import Answer, Paged, Sum, many, maybe, page_of, shown
from bridge.web.api.paging import page
from bridge.web.api.registry import api
from bridge.web.asked import Asked
from bridge.web.forms import Form

MONTH = "As 2026-11, by the installation's calendar; left out, the one it is."
PATTERN = "^(19[7-9][0-9]|2[01][0-9][0-9])-(0[1-9]|1[0-2])$"


class InMonth(Form):
    month = forms.month(
        metadata={"description": MONTH, "examples": ["2026-11"], "pattern": PATTERN}
    )


class UsedBy(InMonth, Paged):
    pass


class Usage(Answer):
    calls = shown("How many.", 120, fields.Integer)
    minutes = shown("How long they took together.", "360.5")
    messages = shown("SMS, fax and e-mail.", 40, fields.Integer)
    peak = shown("The most calls of one account that were up at once.", 4,
                 fields.Integer)  # fmt: skip
    cost = shown("By the backend's own list.", "12.30", Sum)


class UsageOfDay(Usage):
    day = shown("Which.", "2026-11-30")
    currency = shown("Of the cost.", "USD")
    accounts = shown("So many used something.", 80, fields.Integer)


class UsageByDay(Answer):
    month = shown("Which.", "2026-11")
    items = many("The days on which anything was used.", UsageOfDay)


class UsageOfAccount(Usage):
    account = shown("Which.", "acc_k3m9x7qa", attribute="id")
    username = shown("Its login at the backend.", "ann7")
    source = shown("Whose customer it is.", "shop")
    currency = shown("Of the cost.", "USD")


class ADay(Usage):
    day = shown("Which.", "2026-11-30")
    balance = maybe("At the last look that day.", "17.50", Sum)
    spent = shown("By how its balance moved.", "2.50", Sum)


class Credit(Answer):
    credit = shown("bought or free.", "bought")
    opening = shown("What was there when the month began.", "0.00", Sum)
    carried = shown("What was there when it was adopted.", "0.00", Sum)
    paid = shown("What was bought.", "20.00", Sum)
    granted = shown("What was given.", "0.00", Sum)
    moved = shown("What came from another account, or went there.", "0.00", Sum)
    used = shown("Below nothing: what was used.", "-2.50", Sum)
    reversed = shown("What was paid back.", "0.00", Sum)
    expired = shown("What ended unused.", "0.00", Sum)
    written_off = shown("What was written off.", "0.00", Sum, attribute="written off")
    closing = shown("What was there when the month ended.", "17.50", Sum)


class OneMonth(Answer):
    account = shown("Whose.", "acc_k3m9x7qa")
    month = shown("Which.", "2026-11")
    currency = shown("ISO 4217.", "USD")
    credit = many("What was bought, and what was free.", Credit)
    used = fields.Nested(
        Usage, required=True, metadata={"description": "All of the month."}
    )
    days = many("Each day that was looked at.", ADay)


class Owed(Credit):
    source = shown("Whose customers.", "shop")
    currency = shown("ISO 4217.", "USD")


class Liability(Answer):
    month = shown("Which.", "2026-11")
    proven = shown("Whether the ledger's own sums are the same.", True, fields.Boolean)
    items = many("By source, currency and kind of credit.", Owed)


@api.get("/usage", may=May.SEE, query=InMonth, answers=UsageByDay)
def usage_by_day(asked: Asked) -> dict[str, Any]:
    """What all accounts used in a month, day by day."""
    first, last = _span(asked)
    with asked.parts.database.read() as tx:
        found = used.by_day(tx, asked.scope, first, last)
    items = [
        {"day": each.day.isoformat(), "currency": each.currency}
        | {"accounts": each.accounts, **sheets.used(each.used)}
        for each in found
    ]
    return {"month": f"{first:%Y-%m}", "items": items}


@api.get("/usage/accounts", may=May.SEE, query=UsedBy, answers=page_of(UsageOfAccount))
def usage_by_account(asked: Asked) -> dict[str, Any]:
    """What each account used in a month, where it used anything."""
    first, last = _span(asked)
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: used.by_account(
                tx, asked.scope, first, last, cursor or "", most
            ),
            lambda one: one.id,
            lambda one: {
                **{name: getattr(one, name) for name in OF_ACCOUNT},
                **sheets.used(one.used),
            },
        )


@api.get("/accounts/<account>/usage", may=May.SEE, query=InMonth, answers=OneMonth)
def usage_of_account(asked: Asked, account: str) -> dict[str, Any]:
    """S1, S12: what came into an account in a month, what was used, and each day."""
    owner, zone = his.account(asked, account), _zone(asked)
    first, _ = _span(asked)
    with asked.parts.database.read() as tx:
        told = statements.month(tx, owner.id, first, zone)
    return {
        "account": owner.id,
        "month": f"{first:%Y-%m}",
        "currency": owner.currency,
        "credit": sheets.bought_and_free(told.line),
        "used": sheets.used(told.used),
        "days": [sheets.day(day) for day in told.days],
    }


@api.get("/liability", may=May.SEE, whole=True, query=InMonth, answers=Liability)
def liability(asked: Asked) -> dict[str, Any]:
    """What customers had at a month's end, bought and free: what is owed to them.

    The whole ledger is read for it.
    """
    first, _ = _span(asked)
    rows, wrong = sheets.liability(asked.parts.database, first, _zone(asked))
    return {"month": f"{first:%Y-%m}", "proven": not wrong, "items": rows}


OF_ACCOUNT = ("id", "username", "source", "currency")


def _zone(asked: Asked) -> tzinfo:
    return calendar(asked.parts.catalog.terms.zone)


def _span(asked: Asked) -> tuple[date, date]:
    """The first and the last day of the month that is asked for."""
    return sheets.span(asked.told.get("month"), asked.at, _zone(asked))
