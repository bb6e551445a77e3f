"""Over to the platform that bills: logged in there, at the page that is asked for.

What it gives for that lets anybody in as its client, for a minute. So it is asked for
only as an owner presses, and goes to the address that is configured.
"""

from __future__ import annotations

import logging

from marshmallow import fields, validate

from bridge.access.customers import Right
from bridge.channels import whmcs_cart
from bridge.channels.whmcs_api import Api
from bridge.config.carts import numbers
from bridge.platforms.whmcs import native
from bridge.store import shop_orders
from bridge.web.forms import Form, text
from bridge.web.shop import handing
from bridge.web.shop.his import his
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Page
from provisioning.core.outcomes import Outcome

log = logging.getLogger(__name__)

WITHIN = 10.0
"""Seconds in which it gives what lets him in: somebody sits and waits."""

OF_SERVICE = {
    "change": "upgrade.php?type=package&id={id}",
    "options": "upgrade.php?type=configoptions&id={id}",
    "cancel": "clientarea.php?action=cancel&id={id}",
    "see": "clientarea.php?action=productdetails&id={id}",
}
"""Its own pages for one service, by what somebody wants there."""

INVOICES = "clientarea.php?action=invoices"


class Wish(Form):
    to = fields.String(required=True, validate=validate.OneOf(list(OF_SERVICE)))


class Good(Form):
    name = text(required=True, most=100)


@shop.post("/orders/<order>/pay", may=Right.MANAGE)
def pay(visit: Visit, order: str) -> Page:
    """C4: the invoice of an order, where it is paid."""
    with visit.parts.database.read() as tx:
        found = shop_orders.one(tx, order)
    if found is None or not handing.invoice(visit, found):
        raise LookupError(visit.say("There is nothing to pay for this order now."))
    number = (found.handed or {})["invoice"]
    return _onward(visit, handing.page(number))


@shop.post("/services/<service>/billing", may=Right.MANAGE, takes=Wish)
def change(visit: Visit, service: str) -> Page:
    """C8: what is changed, paid or ended there, of one service."""
    mine = his(visit, service)
    page = OF_SERVICE[visit.told["to"]]
    return _onward(visit, page.format(id=native(mine.ref) or "0"))


@shop.post("/billing", may=Right.MANAGE)
def invoices(visit: Visit) -> Page:
    """All that was invoiced there, and how it is paid."""
    return _onward(visit, INVOICES)


@shop.post("/topup/billing", may=Right.MANAGE, takes=Good)
def top_up(visit: Visit) -> Page:
    """I10: the product there that is this top-up, in its own cart."""
    source = visit.parts.config.sources[visit.front.source]
    known = numbers(source.get("products", {})).get(visit.told["name"], [])
    if not known:
        raise LookupError(visit.say("That is not sold here."))
    return _onward(visit, f"cart.php?a=add&pid={known[0]}")


def _onward(visit: Visit, path: str) -> Page:
    """Never as anybody but who he is at the shop, whatever he asks to see."""
    access, source = visit.front.billing, visit.front.source
    client = native(visit.buyer.scope.client)
    if access is None or client is None:
        raise LookupError(
            visit.say("You are not known to our billing yet: order a plan first.")
        )
    try:
        token = whmcs_cart.token(Api(source, access, WITHIN), client, path)
    except Outcome as no:
        log.warning("billing of %s let nobody in: %s", source, no)
        raise LookupError(
            visit.say("Our billing does not answer just now. Try again in a moment.")
        ) from None
    to = f"{visit.front.billing_url}/oauth/singlesignon.php?access_token={token}"
    return Page("onward", visit.say("To our billing"), {"to": to}, onward=to)
