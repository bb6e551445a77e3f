"""What is ordered in WHMCS, in the words of its AddOrder: which product, for how long,
and what was chosen with it.

https://developers.whmcs.com/api-reference/addorder/ and …/getproducts/
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from bridge.channels import whmcs_sold as sold
from bridge.channels.whmcs_api import Api, packed
from bridge.channels.whmcs_options import QUANTITY
from bridge.platforms.whmcs import Cart
from provisioning.core.outcomes import Refused

Told = Mapping[str, Any]

COUNTED = {"4", "quantity"}
"""The type of a configurable option of which a number is chosen (seen in WHMCS's own
order forms; its reference shows "3" only)."""

CYCLES = {"free": "free", "onetime": "onetime"}
"""By how a product is paid, where that leaves no choice."""

NOT_SOLD = Decimal(-1)
"""In its price list: not for so long."""


def product(api: Api, told: Told) -> Told:
    found = api.read(sold.Products, "GetProducts", pid=told["product"])["products"]
    for one in found:
        if str(one["pid"]) == told["product"]:
            return dict(one)
    raise Refused(
        f"WHMCS ({api.name}) has no product {told['product']}; see products of that"
        " source, then retry this delivery"
    )


def make(api: Api, cart: Cart, client: int, told: Told, product: Told) -> None:
    form: dict[str, str | int] = {
        "clientid": client,
        "paymentmethod": cart.payment,
        "pid[0]": told["product"],
        "domain[0]": told["mark"],
        "billingcycle[0]": _cycle(api, told, product),
        "noinvoiceemail": "true",
        "noemail": "true",
    }
    if options := _options(api, told, product):
        form["configoptions[0]"] = packed(options)
    api.read(sold.Placed, "AddOrder", **form)


def price(api: Api, told: Told) -> Decimal:
    """What one of it costs for so long, without what is chosen with it."""
    found = product(api, told)
    cycle = _cycle(api, told, found)
    if cycle in CYCLES.values():
        # What is paid once has its price where others have that of a month (inferred:
        # its reference shows no such product).
        return _listed(told, found, "monthly") if cycle == "onetime" else Decimal()
    return _listed(told, found, cycle)


def _cycle(api: Api, told: Told, product: Told) -> str:
    fixed = CYCLES.get(product["paytype"])
    if fixed:
        return fixed
    cycle = str(told["cycle"])
    if _listed(told, product, cycle) == NOT_SOLD:
        raise Refused(
            f"WHMCS ({api.name}) does not sell product {told['product']} {cycle} in"
            f" {told['currency']}; give it a price there, then retry this delivery"
        )
    return cycle


def _listed(told: Told, product: Told, cycle: str) -> Decimal:
    prices = product["pricing"].get(told["currency"])
    try:
        return Decimal(str(prices[cycle]))
    except (TypeError, KeyError, InvalidOperation):
        return NOT_SOLD


def _options(api: Api, told: Told, product: Told) -> dict[str, int]:
    """By its own numbers. Nothing that was chosen is left out."""
    wanted = {**told["extras"], QUANTITY: told["quantity"]}
    found: dict[str, int] = {}
    for option in product["configoptions"]:
        many = wanted.pop(told["options"].get(option["name"], ""), None)
        if many is None:
            continue
        chosen = many if option["type"] in COUNTED else _named(option, many)
        if chosen is None:
            raise Refused(
                f"option {option['name']} of product {told['product']} has no {many};"
                f" add it in WHMCS ({api.name}), then retry this delivery"
            )
        found[str(option["id"])] = chosen
    if wanted.get(QUANTITY) == 1:
        del wanted[QUANTITY]
    if wanted:
        raise Refused(
            f"WHMCS ({api.name}) sells no {', '.join(sorted(wanted))} with product"
            f" {told['product']}: it needs a configurable option that is named in"
            " options of that source; then retry this delivery"
        )
    return found


def _named(option: Told, many: int) -> int | None:
    """Where it is a list: the one that says so many."""
    for one in option["options"]:
        if str(one["name"]).strip() == str(many):
            return int(one["id"])
    return None
