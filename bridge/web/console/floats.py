"""What a reseller has with the operator, entry by entry, and how it is filled."""

from __future__ import annotations

from typing import Any

from bridge.access.roles import May
from bridge.billing import drawing
from bridge.billing import floats as booked
from bridge.keys import random_name
from bridge.store import floats, shop_orders
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, number, reason, text
from bridge.web.site import Go, Page

LINES = 50


class Part(Form):
    before = number(1, 2**62, load_default=None)


class Limit(Form):
    sum = text(required=True, most=30)
    because = reason()


class Sum(Limit):
    reference = text(required=True, most=60)


@console.get("/resellers/<source>/float", may=May.SEE, query=Part)
def entries(asked: Asked, source: str) -> Page:
    """The newest first, what is left, and what waits for more."""
    currency = _currency(asked, source)
    with asked.parts.database.read() as tx:
        has = drawing.of(tx, source, currency)
        rows = floats.listed(tx, source, asked.told["before"], LINES + 1)
        waits = shop_orders.short(tx, source)
    told = {
        "source": source,
        "has": has,
        "rows": rows[:LINES],
        "next": rows[LINES - 1].no if len(rows) > LINES else None,
        "waits": waits,
        "confirms": asked.parts.config.shops[source].reseller_confirms,
        "reference": random_name(10),
    }
    return Page("float", f"Float of {source}", told)


@console.post("/resellers/<source>/deposit", may=May.MONEY, fresh=True, takes=Sum)
def deposit(asked: Asked, source: str) -> Go:
    """His money came: what was held for it goes on."""
    return _book(asked, "float.deposit", source, reference=asked.told["reference"])


@console.post("/resellers/<source>/adjust", may=May.MONEY, fresh=True, takes=Sum)
def adjust(asked: Asked, source: str) -> Go:
    return _book(asked, "float.adjust", source, reference=asked.told["reference"])


@console.post("/resellers/<source>/limit", may=May.MONEY, fresh=True, takes=Limit)
def limit(asked: Asked, source: str) -> Go:
    return _book(asked, "float.limit", source)


def _book(asked: Asked, what: str, source: str, **more: Any) -> Go:
    told = asked.order(
        what, source=source, amount=asked.told["sum"],
        currency=_currency(asked, source), because=asked.told["because"],
        by=asked.who.name, **more,
    )  # fmt: skip
    return Go(f"/resellers/{source}/float", booked.said(told))


def _currency(asked: Asked, source: str) -> str:
    shops = asked.parts.config.shops
    if source not in shops:
        raise LookupError(f"source {source} has no shop")
    return str(shops[source].currency)
