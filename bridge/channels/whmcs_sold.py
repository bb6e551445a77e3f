"""What the API of WHMCS answers of clients, products, orders and invoices: the parts a
shop's order needs.

As developers.whmcs.com shows them: GetClientsDetails, GetProducts, AddOrder, GetOrders,
GetInvoice, GetCurrencies, CreateSsoToken.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from marshmallow import fields, validate

from bridge.channels.whmcs_answers import Listed, Number, Told

TOKEN = re.compile(r"[A-Za-z0-9]{16,128}\Z")


class Sum(fields.Decimal):
    """As text, with a point."""

    def __init__(self, **given: Any) -> None:
        super().__init__(allow_nan=False, **given)


class ClientTold(Told):
    id = Number(required=True)
    email = fields.String(required=True)
    currency_code = fields.String(load_default="", allow_none=True)
    status = fields.String(load_default="", allow_none=True)


class Details(Told):
    client = fields.Nested(ClientTold, required=True)


class CurrencyTold(Told):
    id = Number(required=True)
    code = fields.String(required=True)


class Currencies(Told):
    currencies = Listed(CurrencyTold, "currency")


class Added(Told):
    clientid = Number(required=True)


class Choice(Told):
    """One of those an option has: of a quantity there is one, which is counted."""

    id = Number(required=True)
    name = fields.String(load_default="", allow_none=True)


class OptionTold(Told):
    id = Number(required=True)
    name = fields.String(required=True)
    type = fields.String(load_default="", allow_none=True)
    options = Listed(Choice, "option")


class ProductTold(Told):
    pid = Number(required=True)
    paytype = fields.String(load_default="", allow_none=True)
    pricing = fields.Dict(load_default=dict)
    configoptions = Listed(OptionTold, "configoption")


class Products(Told):
    products = Listed(ProductTold, "product")


class Placed(Told):
    orderid = Number(required=True)


class OrderTold(Told):
    id = Number(required=True)
    userid = Number(required=True)
    invoiceid = Number(load_default=0, allow_none=True)
    status = fields.String(required=True)


class Orders(Told):
    orders = Listed(OrderTold, "order")


class HostedTold(Told):
    """A service, with the order it came of and the name it was given there."""

    id = Number(required=True)
    clientid = Number(required=True)
    orderid = Number(load_default=0, allow_none=True)
    pid = Number(required=True)
    domain = fields.String(load_default="", allow_none=True)
    status = fields.String(required=True)


class Hosted(Told):
    totalresults = Number(load_default=0)
    products = Listed(HostedTold, "product")


class Invoiced(Told):
    userid = Number(required=True)
    status = fields.String(required=True)
    total = Sum(required=True)
    credit = Sum(load_default=Decimal())


class Token(Told):
    access_token = fields.String(required=True, validate=validate.Regexp(TOKEN))
