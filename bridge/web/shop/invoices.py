"""What was ordered, by month, and the invoice of each: to look at, print and keep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Response
from marshmallow import fields

from bridge import statements
from bridge.access.customers import Right
from bridge.store import shop_orders
from bridge.store.shop_orders import State
from bridge.web.forms import Form, month
from bridge.web.shop import called, shown
from bridge.web.shop.credit import month_name
from bridge.web.shop.ordering import PAYER, Payer
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import HEADERS, Go, Page
from provisioning.core.usage import starts

MOST = 100


class Which(Form):
    month = month(load_default=None)
    state = fields.Enum(State, by_value=True, load_default=None)


@shop.get("/orders", may=Right.SEE, query=Which)
def orders(visit: Visit) -> Page:
    """S9: the archive of his invoices, by month and by how they stand."""
    asked, zone = visit.told["month"], visit.zone
    client, since, until = visit.buyer.scope.client, None, None
    if asked:
        first = date.fromisoformat(f"{asked}-01")
        since, until = starts(first, zone), starts(statements.after(first), zone)
    with visit.parts.database.read() as tx:
        found = shop_orders.of_client(
            tx, client, MOST, until, since=since, state=visit.told["state"]
        )
        made = shop_orders.made(tx, client)
    months = {statements.month_of(each, zone) for each in made}
    told = {
        "orders": found,
        "months": [
            (f"{each:%Y-%m}", month_name(visit, each))
            for each in sorted(months, reverse=True)
        ],
        "month": asked,
        "state": visit.told["state"],
    }
    return Page("orders", visit.say("Orders and invoices"), told)


@shop.get("/invoices/<order>", may=Right.SEE)
def invoice(visit: Visit, order: str) -> Page:
    """C5: as it was ordered, for whoever pays: it can be printed as it stands."""
    return Page("invoice", visit.say("Invoice {id}", id=order), _bill(visit, order))


@shop.get("/invoices/<order>/invoice.html", may=Right.SEE)
def invoice_to_keep(visit: Visit, order: str) -> Response:
    """The same as a file that needs nothing of ours to be looked at."""
    told = _bill(visit, order)
    told |= {"title": visit.say("Invoice {id}", id=order)}
    made = shown.alone("invoice_file", visit.front, visit.speech, told)
    name = f'attachment; filename="invoice-{order}.html"'
    headers = HEADERS | {"Content-Disposition": name}
    return Response(made, headers=headers, mimetype="text/html")


@shop.post("/orders/<order>/payer", may=Right.BUY, takes=Payer)
def payer(visit: Visit, order: str) -> Go:
    """C5: who pays, checked and edited until it is paid."""
    told = {name: visit.told[name] for name in PAYER}
    visit.order("shop.payer", order=order, payer=told)
    return Go(f"/invoices/{order}", visit.say("That stands on the invoice now."))


def _bill(visit: Visit, order: str) -> dict[str, Any]:
    if visit.front.is_platform:
        raise LookupError(visit.say("Your invoices are where you pay."))
    with visit.parts.database.read() as tx:
        found = shop_orders.one(tx, order)
    if found is None:
        raise LookupError(visit.say("There is no such order."))
    return {
        "order": found,
        "lines": [_line(visit, each) for each in found.lines],
        "paid": found.state in {State.PAID, State.HELD},
        "due": found.state is State.OPEN,
        "state": called.states(visit.speech)[found.state],
        "pay": visit.front.shop.pay,
        "zone": visit.zone,
    }


def _line(visit: Visit, line: Mapping[str, Any]) -> dict[str, Any]:
    """As it stood on the page where it was ordered."""
    fee = line["kind"] == "fee"
    name = visit.say("Set-up, once") if fee else visit.front.titled(line["name"])
    back = line["way"] == "credit"
    return {
        "name": f"{visit.say('given back')}: {name}" if back else name,
        "quantity": line["quantity"],
        "unit_price": Decimal(line["unit_price"]),
        "amount": Decimal(line["amount"]),
    }
