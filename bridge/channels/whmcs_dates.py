"""Dates of a service in WHMCS, as levels: looked at, written, and read back.

Written only over what we wrote last ourselves: what an admin set there stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bridge.channels import whmcs_answers as answers
from bridge.channels.whmcs_answers import Product
from bridge.channels.whmcs_api import Api
from bridge.store.outbox import Needless
from provisioning.core.outcomes import Broken

SETTLED = {"Paid", "Cancelled", "Refunded"}
"""An invoice that asks for nothing any more."""


def due(api: Api, told: Mapping[str, Any]) -> None:
    """Its next due date. With an invoice for that date open it would be asked for on
    the old one all the same, and a gateway's subscription charges by its own calendar:
    then the time bank keeps the days (D25)."""
    product, to = _product(api, told), told["to"]
    if product.due == to:
        return
    if product.due != told["was"]:
        raise Needless(f"it is due on {product.due} there, which was not set by us")
    if product.subscription:
        raise Needless("a subscription charges for it by its own calendar")
    if _is_invoiced(api, product):
        raise Needless("an invoice for it is open")
    api.ask("UpdateClientProduct", serviceid=product.id, nextduedate=to.isoformat())
    _is_now(_product(api, told).due, to, "nextduedate")


def spared(api: Api, told: Mapping[str, Any]) -> None:
    """Until when it does not suspend it by itself; no longer, where there is none."""
    product, to = _product(api, told), told["to"]
    if product.spared == to:
        return
    if product.spared not in {None, told["was"]}:
        raise Needless("somebody else set until when it is not suspended")
    api.ask(
        "UpdateClientProduct",
        serviceid=product.id,
        overideautosuspend="on" if to else "off",
        overidesuspenduntil=to.isoformat() if to else answers.NEVER,
    )
    _is_now(_product(api, told).spared, to, "overidesuspenduntil")


def _product(api: Api, told: Mapping[str, Any]) -> Product:
    found = api.product(str(told["service"]))
    if found is None:
        raise Needless("it was deleted there")
    return found


def _is_invoiced(api: Api, product: Product) -> bool:
    """Whether any invoice that is not settled asks for it, drafts included."""
    for invoice in api.invoices_of(product.client):
        if invoice.status in SETTLED:
            continue
        told = api.read(answers.Lines, "GetInvoice", invoiceid=invoice.id)
        if any(i.type == "Hosting" and i.of == product.id for i in told["items"]):
            return True
    return False


def _is_now(seen: date | None, to: date | None, field: str) -> None:
    if seen != to:
        raise Broken(
            f"WHMCS answered success to {field} = {to or 'none'} and shows"
            f" {seen or 'none'}; may this API credential edit client products?"
        )
