"""Shops whose orders go to the cart of the platform behind them: each has all it sells
there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.config.values import Shop

KIND = "whmcs"
ADDON = "a"
"""How the reference of a product add-on begins; it is no product that is ordered."""


def faults(read: Mapping[str, Any]) -> Iterator[str]:
    """What a customer could order here and nobody could sell there."""
    for name, table in read["sources"].items():
        if table.get("kind") != KIND or "cart" not in table:
            continue
        shop: Shop | None = table.get("shop")
        if shop is None:
            yield f"sources.{name}.cart: takes a shop's orders; it needs the table shop"
            continue
        products = table.get("products", {})
        options = table.get("options", {})
        if isinstance(products, Mapping) and isinstance(options, Mapping):
            yield from _unsold(f"sources.{name}", shop, products, options, read)


def numbers(products: Mapping[str, str]) -> dict[str, list[str]]:
    """By our names: the products there that are it."""
    found: dict[str, list[str]] = {}
    for ref, ours in products.items():
        if not ref.startswith(ADDON):
            found.setdefault(ours, []).append(ref)
    return found


def _unsold(
    at: str, shop: Shop, products: Mapping[str, str], options: Mapping[str, str],
    read: Mapping[str, Any],
) -> Iterator[str]:  # fmt: skip
    known = numbers(products)
    for package, table in read["packages"].items():
        if table["price"].currency != shop.currency:
            continue
        if shop.sells and package not in shop.sells:
            continue
        out = f"or name what is sold in {at}.shop.sells, without {package}"
        there = known.get(package, [])
        if table["addon"]:
            if package not in options.values():
                yield (
                    f"{at}.options: the shop sells the add-on {package}, and no"
                    f' configurable option is it; write "Its name there" = "{package}",'
                    f" {out}"
                )
        elif len(there) != 1 or not there[0].isdecimal():
            which = " and ".join(sorted(there)) or "none"
            yield (
                f"{at}.products: the shop sells {package}, which one product of WHMCS"
                f' must be (it is: {which}); write "its id there" = "{package}", {out}'
            )
