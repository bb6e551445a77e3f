"""What a reseller has with the operator, and what came and went of it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge.access.roles import May
from bridge.billing import drawing
from bridge.billing import floats as rows
from bridge.store import floats
from bridge.web.access.steps import Stopped
from bridge.web.api.fields import (
    Answer,
    Moment,
    Paged,
    Sum,
    maybe,
    page_of,
    said,
    shown,
)
from bridge.web.api.paging import number, page
from bridge.web.api.registry import api
from bridge.web.asked import Asked
from bridge.web.forms import Form


def _source() -> fields.String:
    return said("Whose.", "acme", required=True)


class Of(Form):
    source = _source()


class EntriesOf(Paged):
    source = _source()


class Float(Answer):
    source = shown("Whose.", "acme")
    currency = shown("ISO 4217.", "USD")
    balance = shown("The sum of all entries; below nothing: he owes it.", "71.05", Sum)
    limit = shown("How far below nothing it may go.", "200.00", Sum)
    left = shown("What an order may cost him that goes on at once.", "271.05", Sum)


class FloatEntry(Answer):
    no = shown("Its place among all of that source.", 17, fields.Integer)
    at = shown("When.", kind=Moment)
    kind = shown("deposit, drawn, given_back, adjusted or limit.", "drawn")
    amount = shown("Below nothing, where it was taken.", "-209.65", Sum)
    balance = shown("What was there after it.", "71.05", Sum)
    limit = shown("As it was then.", "200.00", Sum)
    order = maybe("For which it was drawn or given back.", "or_k3m9x7qa2c4d")
    because = shown("How that is known.", "transfer 4711")


@api.get("/float", may=May.SEE, query=Of, answers=Float)
def reseller_float(asked: Asked) -> dict[str, Any]:
    """What a reseller has left, to have orders go on that he confirms himself."""
    source = _his(asked)
    currency = asked.parts.config.shops[source].currency
    with asked.parts.database.read() as tx:
        has = drawing.of(tx, source, currency)
    return {"source": source} | rows.shown(has)


@api.get("/float/entries", may=May.SEE, query=EntriesOf, answers=page_of(FloatEntry))
def float_entries(asked: Asked) -> dict[str, Any]:
    """Each that came or went, the newest first: the balance is their sum."""
    source = _his(asked)
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: floats.listed(tx, source, number(cursor), most),
            lambda one: one.no,
            rows.row,
        )


def _his(asked: Asked) -> str:
    source = str(asked.told["source"])
    if source not in asked.parts.config.shops or not asked.scope.covers(source):
        raise Stopped(404, "not_there", f'There is no shop "{source}".')
    return source
