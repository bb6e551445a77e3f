"""The ledger: where every unit came from and went, and what stands in each book."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge import csvs
from bridge.access.roles import May
from bridge.store.chain import Entry
from bridge.store.pages import whole
from bridge.store.pages.whole import Booked
from bridge.web.api import his
from bridge.web.api.fields import (
    Answer,
    Moment,
    Paged,
    Sum,
    many,
    moment,
    page_of,
    said,
    shown,
)
from bridge.web.api.file import Csv
from bridge.web.api.paging import number, page
from bridge.web.api.registry import api
from bridge.web.asked import Asked
from bridge.web.forms import Form
from provisioning.core.money import text

FIRST = "2026-11-01T00:00:00Z"
END = "2026-12-01T00:00:00Z"


class Which(Form):
    account = said("Only this account's, or a service's account's.", "shop:1001")
    since = moment("Booked then or later.", FIRST)
    until = moment("Booked before then.", END)


class Ledger(Which, Paged):
    pass


class Booking(Answer):
    account = shown("Whose it is: an account, or a client without one yet.")
    no = shown("Its number among its owner's.", 3, fields.Integer)
    at = shown("When it was booked.", kind=Moment)
    from_ = shown("The book it left.", "held", data_key="from", attribute="from")
    to = shown("The book it came to.", "applied")
    amount = shown("How much.", "20.00", Sum)
    currency = shown("ISO 4217.", "USD")
    of = shown("The key of the sum.", "shop:line-2/topup")
    because = shown("What showed it.")


class Book(Answer):
    book = shown("Its name.", "applied")
    currency = shown("ISO 4217.", "USD")
    sum = shown(
        "What stands in it; of where money comes from, what came.", "20.00", Sum
    )


class Books(Answer):
    items = many("Each book that was ever used, by currency.", Book)


NAMES = tuple(field.data_key or name for name, field in Booking().fields.items())


@api.get("/ledger", may=May.SEE, query=Ledger, answers=page_of(Booking))
def ledger(asked: Asked) -> dict[str, Any]:
    """Every booking, the oldest first: each moved one amount from a book to another."""
    which = _which(asked)
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: whole.entries(
                tx, asked.scope, which, number(cursor), most
            ),
            lambda row: row[0],
            lambda row: _booking(row[1]),
        )


@api.get("/ledger.csv", may=May.SEE, query=Ledger)
def ledger_file(asked: Asked) -> Csv:
    """The same as a file. Where there is more, `Next-Cursor` says how to go on."""
    found = ledger(asked)
    rows = [
        row | {"at": row["at"].isoformat(), "amount": text(row["amount"])}
        for row in found["items"]
    ]
    cells = [[row[name] for name in NAMES] for row in rows]
    return Csv("ledger.csv", csvs.written(NAMES, cells), found["next"])


@api.get("/ledger/sums", may=May.SEE, query=Which, answers=Books)
def sums(asked: Asked) -> dict[str, Any]:
    """What stands in each book, of one account or of all that may be seen."""
    which = _which(asked)
    with asked.parts.database.read() as tx:
        found = whole.sums(tx, asked.scope, which)
    return {
        "items": [
            {"book": book, "currency": currency, "sum": sum_}
            for currency, books in found.items()
            for book, sum_ in books.items()
        ]
    }


def _which(asked: Asked) -> Booked:
    told, owner = asked.told, None
    if "account" in told:
        owner = his.account(asked, told["account"]).id
    return Booked(owner, told.get("since"), told.get("until"))


def _booking(entry: Entry) -> dict[str, Any]:
    return {
        "account": entry.owner,
        "no": entry.no,
        "at": entry.at,
        "from": entry.from_book,
        "to": entry.to_book,
        "amount": entry.amount,
        "currency": entry.currency,
        "of": entry.key,
        "because": entry.because,
    }
