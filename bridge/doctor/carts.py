"""Each shop whose orders go to a WHMCS: whether that sells the same for the same."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.channels import whmcs_order
from bridge.channels.whmcs_api import Api
from bridge.config.carts import KIND, numbers
from bridge.doctor.finding import Findings, fail, ok
from bridge.parts import Parts
from bridge.platforms import whmcs
from provisioning.core.catalog import Package
from provisioning.core.money import Money
from provisioning.core.outcomes import Outcome

WITHIN = 10.0


def carts(parts: Parts) -> Findings:
    """Of each plan for its own cycle. Where the two differ, no order of it goes on."""
    for source, shop in parts.config.shops.items():
        table = parts.config.sources[source]
        if table["kind"] != KIND or "cart" not in table:
            continue
        about, api = (
            f"cart of {source}",
            Api(source, whmcs.access(source, table), WITHIN),
        )
        products = numbers(table.get("products", {}))
        for package, price in _sold(parts, source):
            told = {"product": products[package.name][0], "cycle": package.cycle,
                    "currency": shop.currency}  # fmt: skip
            try:
                theirs = whmcs_order.price(api, told)
            except Outcome as no:
                yield fail(about, str(no))
                continue
            said = f"{package.name}, product {told['product']} of WHMCS"
            if theirs == price.amount:
                yield ok(about, f"{said}, costs {price} in both")
            else:
                there = Money(theirs, shop.currency)
                out = "make the two equal, or its orders stop before they are paid"
                yield fail(
                    about, f"{said}, costs {price} here and {there} there; {out}"
                )


def _sold(parts: Parts, source: str) -> Iterator[tuple[Package, Money]]:
    shop = parts.config.shops[source]
    for name, package in parts.config.catalog.packages.items():
        is_sold = not shop.sells or name in shop.sells
        if is_sold and not package.addon and package.price.currency == shop.currency:
            yield package, shop.prices.get(name, package.price)
