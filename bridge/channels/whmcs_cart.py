"""An order of our shop, ordered in WHMCS: once, whatever was lost on the way.

AddOrder knows no key and no note. What it takes and shows again is a domain for each
product: there our order's own name stands, under the shop's host, and what is sold
under that name, to whomever, is looked for before anything is ordered, also the first
time.
https://developers.whmcs.com/api-reference/addorder/
"""

from __future__ import annotations

import logging
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

log = logging.getLogger(__name__)

Told = Mapping[str, Any]

PENDING, PAID = "Pending", "Paid"
OVER = {"Cancelled", "Fraud", "Terminated"}
"""What was never sold, or is sold no more."""


def place(api: Api, cart: Cart, told: Told, again: bool) -> dict[str, str]:
    """What it is there. Refused, where it would be invoiced otherwise than promised:
    then nothing of it can be paid there."""
    product = whmcs_order.product(api, told)
    known = _known(api, told)
    service = _made(api, told, known)
    client = _client(api, cart, told, known, service)
    if service is None:
        if again:
            _is_nameless(api, told, client)
        whmcs_order.make(api, cart, client, told, product)
        service = _made(api, told, str(client))
    if service is None:
        _is_nameless(api, told, client)
        # Not Broken: that is tried again by itself, and would order another.
        raise Refused(
            f"WHMCS ({api.name}) took the order {told['order']} and shows no service"
            f" {told['mark']}; look for it there before this is retried"
        )
    return _taken(api, told, service)


def sought(api: Api, cart: Cart, told: Told) -> dict[str, str] | None:
    """The same, where it is there: handing it over was given up, and nothing is
    ordered."""
    known = _known(api, told)
    service = _made(api, told, known)
    if service is None:
        return None
    _client(api, cart, told, known, service)
    return _taken(api, told, service)


def sold_all_the_same(api: Api, told: Told) -> dict[str, str] | None:
    """The same of what was called off here: only where it was paid or accepted."""
    service = _made(api, told, told["client"])
    if service is None:
        return None
    order = _order(api, service["orderid"], service["clientid"])
    _, is_paid = _invoiced(api, order)
    return _there(order, service) if _is_sold_by_now(order, is_paid) else None


def _taken(api: Api, told: Told, service: Told) -> dict[str, str]:
    """Refused, where it would be invoiced otherwise than promised."""
    order = _order(api, service["orderid"], service["clientid"])
    total, is_paid = _invoiced(api, order)
    differs = total != Decimal(told["amount"])
    if differs and not is_paid:
        # Where its product is set up before it is paid, it runs.
        now = "is cancelled" if order["status"] == PENDING else "runs: cancel it there"
        _call_off(api, order)
        raise Refused(
            f"{DIFFERS}: WHMCS ({api.name}) invoices {total} {told['currency']} for"
            f" {told['order']}, and {told['amount']} was promised; its order"
            f" {order['id']} {now}. Make the two equal, tax included, then retry this"
            " delivery"
        )
    if not total and order["status"] == PENDING:
        # What is paid is set up by the payment.
        api.ask("AcceptOrder", orderid=order["id"], autosetup=1, sendemail=1)
    if differs:
        # By credit he has there: nobody could stop it.
        log.error(
            "order %s was paid in %s at once: %s, promised was %s",
            told["order"], api.name, total, told["amount"],
        )  # fmt: skip
    return _there(order, service) | ({"paid": str(total)} if differs else {})


def _there(order: Told, service: Told) -> dict[str, str]:
    return {
        "client": str(service["clientid"]),
        "order": str(order["id"]),
        "service": str(service["id"]),
        "invoice": str(order["invoiceid"] or ""),
    }


def call_off(api: Api, told: Told) -> None:
    """Where it is there, and nothing of it was paid yet."""
    service = _made(api, told, told["client"])
    if service is None:
        return
    order = _order(api, service["orderid"], service["clientid"])
    _, is_paid = _invoiced(api, order)
    if _is_sold_by_now(order, is_paid):
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


def _client(
    api: Api, cart: Cart, told: Told, known: str | None, service: Told | None
) -> int:
    """*service*: what was ordered already."""
    if service and str(service["clientid"]) != known:
        raise Refused(
            f"service {service['id']} of WHMCS ({api.name}) is {told['order']}, and"
            f" was ordered for client {service['clientid']}: he has another address"
            " there by now, or the shop's client has another owner. Have the two"
            " agree, then retry this delivery"
        )
    if known is None:
        try:
            return _new(api, cart, told)
        except Refused:
            # Another order of his, sent at the same moment, was quicker.
            known = _known(api, told)
            if known is None:
                raise
    if told["is_others"](known):
        raise Refused(
            f"client {known} of WHMCS ({api.name}) has the address of who ordered"
            f" {told['order']}, and belongs to other people at the shop; say there or"
            " here whose it is, then retry this delivery"
        )
    if not (told["client"] or told["by_owner"]) and _is_of_before(api, told, known):
        raise Refused(
            f"client {known} of WHMCS ({api.name}) has services of before, and the"
            f" address of an owner who did not order {told['order']} himself: once he"
            " has ordered something, all people of his at the shop see them. Have him"
            " do so, then retry this delivery"
        )
    return int(known)


def _is_of_before(api: Api, told: Told, client: str) -> bool:
    """Whether anything of that client's was not ordered at the shop."""
    host = told["mark"].partition(".")[2]
    found = _services(api, clientid=client)
    return any((one["domain"] or "").partition(".")[2] != host for one in found)


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
    currency = client["currency_code"]
    if currency not in {"", told["currency"]}:
        raise Refused(
            f"client {client['id']} of WHMCS ({api.name}) is billed in"
            f" {currency}, and the shop sells in"
            f" {told['currency']}; he needs another address for it"
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


def _made(api: Api, told: Told, client: str | None) -> Told | None:
    """The service that was ordered under its name, whoever's it is; those of that
    client may stand under an older host."""
    asked = [{"domain": told["mark"]}, *([{"clientid": client}] if client else [])]
    named = {
        one["id"]: one
        for by in asked
        for one in _services(api, **by)
        if _first(one["domain"] or "") == _first(told["mark"])
    }
    found = [one for one in named.values() if _is_sold(api, one)]
    if len(found) > 1:
        which = " and ".join(str(one["id"]) for one in found)
        raise Refused(
            f"WHMCS ({api.name}) has {told['order']} twice, as services {which}; cancel"
            " the order of one there, then retry this delivery"
        )
    return found[0] if found else None


def _is_sold(api: Api, service: Told) -> bool:
    """What was sold and has ended since is not to be ordered anew: we may come from a
    backup. What was cancelled before is."""
    order = _order(api, service["orderid"], service["clientid"])
    waits = order["status"] == PENDING and service["status"] in OVER
    return order["status"] not in OVER and not waits


def _is_nameless(api: Api, told: Told, client: int) -> None:
    """It may have been ordered: what might be it stops all, until a person has
    looked."""
    for one in _services(api, clientid=client):
        waits = one["status"] == PENDING and not one["domain"]
        if waits and str(one["pid"]) == told["product"]:
            raise Refused(
                f"service {one['id']} of WHMCS ({api.name}) waits without a domain: it"
                f" may be {told['order']}. Give it the domain {told['mark']} or cancel"
                " it there, then retry this delivery"
            )


def _first(domain: str) -> str:
    """Its name: the shop may have moved to another host meanwhile."""
    return domain.casefold().partition(".")[0]


def _services(api: Api, **by: str | int) -> Iterator[Told]:
    """Those of a client, or of a domain.

    https://developers.whmcs.com/api-reference/getclientsproducts/
    """
    start = 0
    while True:
        page = api.read(
            sold.Hosted, "GetClientsProducts", limitstart=start, limitnum=PAGE, **by
        )
        of = by.get("clientid")
        mine = page["products"]
        yield from (
            one for one in mine if of is None or str(one["clientid"]) == str(of)
        )
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


def _is_sold_by_now(order: Told, is_paid: bool) -> bool:
    return is_paid or order["status"] != PENDING


def _call_off(api: Api, order: Told) -> None:
    """What is not Pending any more was paid, or is off already.

    https://developers.whmcs.com/api-reference/cancelorder/
    """
    if order["status"] == PENDING:
        api.ask("CancelOrder", orderid=order["id"], noemail="true")
