"""An order of our shop, ordered in WHMCS: once, whatever was lost on the way.

AddOrder knows no key and no note. What it takes and shows again is a domain for each
product: there our order's own name stands, under the shop's host, and what is sold
under that name is looked for before anything is ordered, also the first time.
https://developers.whmcs.com/api-reference/addorder/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from bridge.billing.carts import DIFFERS
from bridge.channels import whmcs_order
from bridge.channels import whmcs_sold as sold
from bridge.channels.whmcs_api import PAGE, Api
from bridge.keys import random_password
from bridge.platforms.whmcs import Cart
from provisioning.core.outcomes import Broken, Refused

Told = Mapping[str, Any]

PENDING, PAID = "Pending", "Paid"
OVER = {"Cancelled", "Fraud", "Terminated"}
"""What is sold no more: another is ordered in its place."""


def place(api: Api, cart: Cart, told: Told, again: bool) -> dict[str, str]:
    """What it is there. Refused, where it would be invoiced otherwise than promised:
    then nothing of it can be paid there."""
    product = whmcs_order.product(api, told)
    client = _client(api, cart, told)
    service = _made(api, client, told, again)
    if service is None:
        whmcs_order.make(api, cart, client, told, product)
        service = _made(api, client, told, again=True)
    if service is None:
        # Not Broken: that is tried again by itself, and would order another.
        raise Refused(
            f"WHMCS ({api.name}) took the order {told['order']} and shows no service"
            f" {told['mark']}; look for it there before this is retried"
        )
    order = _order(api, service["orderid"], client)
    total, is_paid = _invoiced(api, order)
    if total != Decimal(told["amount"]) and not is_paid:
        _call_off(api, order)
        raise Refused(
            f"{DIFFERS}: WHMCS ({api.name}) invoices {total} {told['currency']} for"
            f" {told['order']}, and {told['amount']} was promised; its order"
            f" {order['id']} is cancelled. Make the two equal, tax included, then retry"
            " this delivery"
        )
    if not total and order["status"] == PENDING:
        # What is paid is set up by the payment.
        api.ask("AcceptOrder", orderid=order["id"], autosetup=1, sendemail=1)
    return {
        "client": str(client),
        "order": str(order["id"]),
        "service": str(service["id"]),
        "invoice": str(order["invoiceid"] or ""),
    }


def call_off(api: Api, told: Told) -> None:
    """Where it is there, and nothing of it was paid yet."""
    known = _known(api, told)
    service = _made(api, int(known), told, again=False) if known else None
    if known is None or service is None:
        return
    order = _order(api, service["orderid"], int(known))
    _, is_paid = _invoiced(api, order)
    if is_paid or order["status"] != PENDING:
        raise Refused(
            f"order {order['id']} of WHMCS ({api.name}) was paid or accepted there, and"
            f" {told['order']} was called off here; say there which of the two holds"
        )
    _call_off(api, order)


def token(api: Api, client: str, path: str) -> str:
    """With which he is logged in there for a minute, and sees that page.

    https://developers.whmcs.com/api-reference/createssotoken/
    """
    answer = api.read(
        sold.Token, "CreateSsoToken", client_id=client,
        destination="sso:custom_redirect", sso_redirect_path=path,
    )  # fmt: skip
    return str(answer["access_token"])


# --- who orders


def _client(api: Api, cart: Cart, told: Told) -> int:
    known = _known(api, told)
    if known is None:
        return _new(api, cart, told)
    if told["is_others"](known):
        raise Refused(
            f"client {known} of WHMCS ({api.name}) has the address of who ordered"
            f" {told['order']}, and belongs to other people at the shop; say there or"
            " here whose it is, then retry this delivery"
        )
    return int(known)


def _known(api: Api, told: Told) -> str | None:
    """Whom the shop's client is already; else by his address, which he has proved to
    be his."""
    by = {"clientid": told["client"]} if told["client"] else {"email": told["email"]}
    try:
        found = api.read(sold.Details, "GetClientsDetails", **by)
    except Refused as no:
        if "client not found" in str(no).casefold() and not told["client"]:
            return None
        raise
    client = found["client"]
    if "email" in by and client["email"].casefold() != told["email"].casefold():
        raise Broken(f"WHMCS ({api.name}) was asked for one address and told another")
    if client["currency_code"] not in {"", told["currency"]}:
        raise Refused(
            f"client {client['id']} of WHMCS ({api.name}) is billed in"
            f" {client['currency_code']}, and the shop sells in {told['currency']};"
            " he needs another address for it"
        )
    return str(client["id"])


def _new(api: Api, cart: Cart, told: Told) -> int:
    """Without a mail: he logs in at the shop, and from there.

    https://developers.whmcs.com/api-reference/addclient/
    """
    payer = told["payer"]
    first, _, last = told["name"].strip().partition(" ")
    answer = api.read(
        sold.Added, "AddClient",
        firstname=first or told["email"], lastname=last or first or told["email"],
        email=told["email"], companyname=payer.get("company"),
        address1=payer.get("address"), phonenumber=payer.get("phone"),
        tax_id=payer.get("tax_id"), country=cart.country,
        currency=_currency(api, told), password2=random_password(),
        noemail="true", skipvalidation="true",
    )  # fmt: skip
    return int(answer["clientid"])


def _currency(api: Api, told: Told) -> int:
    known = api.read(sold.Currencies, "GetCurrencies")["currencies"]
    found = [one["id"] for one in known if one["code"] == told["currency"]]
    if not found:
        raise Refused(
            f"WHMCS ({api.name}) has no currency {told['currency']}; add it there, then"
            " retry this delivery"
        )
    return int(found[0])


# --- what is there


def _made(api: Api, client: int, told: Told, again: bool) -> Told | None:
    """The service that was ordered under its name. *again*: it may have been ordered;
    then what might be it stops all, until a person has looked."""
    nameless = None
    for one in _services(api, client):
        if one["status"] in OVER:
            continue
        if _first(one["domain"] or "") == _first(told["mark"]):
            return one
        if one["status"] == PENDING and str(one["pid"]) == told.get("product"):
            nameless = nameless or (None if one["domain"] else one)
    if nameless and again:
        raise Refused(
            f"service {nameless['id']} of WHMCS ({api.name}) waits without a domain:"
            f" it may be {told['order']}. Give it the domain {told['mark']} or cancel"
            " it there, then retry this delivery"
        )
    return None


def _first(domain: str) -> str:
    """Its name: the shop may have moved to another host meanwhile."""
    return domain.casefold().partition(".")[0]


def _services(api: Api, client: int) -> Iterator[Told]:
    start = 0
    while True:
        page = api.read(
            sold.Hosted, "GetClientsProducts",
            clientid=client, limitstart=start, limitnum=PAGE,
        )  # fmt: skip
        yield from (one for one in page["products"] if one["clientid"] == client)
        start += len(page["products"])
        if not page["products"] or start >= page["totalresults"]:
            return


def _order(api: Api, id_: int, client: int) -> Told:
    found = api.read(sold.Orders, "GetOrders", id=id_)["orders"]
    for one in found:
        if one["id"] == id_ and one["userid"] == client:
            return dict(one)
    raise Broken(f"WHMCS ({api.name}) shows no order {id_} of client {client}")


def _invoiced(api: Api, order: Told) -> tuple[Decimal, bool]:
    """The sum, whatever of it credit has paid there; and whether all is paid."""
    if not order["invoiceid"]:
        return Decimal(), False
    told = api.read(sold.Invoiced, "GetInvoice", invoiceid=order["invoiceid"])
    if told["userid"] != order["userid"]:
        raise Broken(
            f"WHMCS ({api.name}) shows invoice {order['invoiceid']} of another"
        )
    sum_ = Decimal(told["total"] + told["credit"])
    return sum_, bool(sum_) and told["status"] == PAID


def _call_off(api: Api, order: Told) -> None:
    """What is not Pending any more was paid, or is off already.

    https://developers.whmcs.com/api-reference/cancelorder/
    """
    if order["status"] == PENDING:
        api.ask("CancelOrder", orderid=order["id"], noemail="true")
