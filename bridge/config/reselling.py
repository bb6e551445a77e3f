"""A reseller's own prices, names and texts for what the operator sells.

His customers are a group of their own, called as his source is: his prices are offers
for it, and everything that is ever reckoned for them goes by those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.config.values import Shop
from bridge.config.written import meant
from provisioning.core.money import Money

Tables = Mapping[str, Any]


def faults(read: Tables) -> list[str]:
    return [
        fault
        for name, shop in _shops(read)
        for fault in (*_named(read, name, shop), *_prices(read, name, shop))
    ]


def spread(read: Tables) -> None:
    """His prices among the offers of each package. Nothing in *read* is wrong.

    Those of top-ups are bought once, and reckoned nowhere but at his shop.
    """
    for name, shop in _shops(read):
        for package in shop.prices.keys() & read["packages"].keys():
            price = shop.prices[package]
            offer = {"price": price, "tariff": None, "group": name, "least": 1}
            read["packages"][package]["offers"].append(offer)


def _shops(read: Tables) -> Iterator[tuple[str, Shop]]:
    for name, table in read["sources"].items():
        if "shop" in table:
            yield name, table["shop"]


def _named(read: Tables, name: str, shop: Shop) -> Iterator[str]:
    known = [*read["packages"], *read["topups"]]
    for key in ("titles", "texts"):
        for each in getattr(shop, key):
            if each not in known:
                slip = meant(each, known)
                yield (
                    f"sources.{name}.shop.{key}.{each}: there is no package or top-up"
                    f" of that name{slip}"
                )


def _prices(read: Tables, name: str, shop: Shop) -> Iterator[str]:
    packages, topups = read["packages"], read["topups"]
    known = [*packages, *topups]
    for each, price in shop.prices.items():
        at = f"sources.{name}.shop.prices.{each}"
        if each not in known:
            yield f"{at}: there is no package or top-up {each}{meant(each, known)}"
            continue
        if each not in packages:
            yield from _fits(at, price, topups[each], shop)
            continue
        yield from _price(at, price, packages[each], shop)
        if any(
            o["group"] == name and o["least"] == 1 for o in packages[each]["offers"]
        ):
            yield (
                f"{at}: packages.{each}.offers has one for the group {name} already;"
                " drop one of the two"
            )


def _price(at: str, price: Money, package: Tables, shop: Shop) -> Iterator[str]:
    if not package["family"]:
        yield (
            f"{at}: a price of his own needs a plan or an add-on of a family; give the"
            " package one (family and rank)"
        )
    yield from _fits(at, price, package, shop)


def _fits(at: str, price: Money, sold: Tables, shop: Shop) -> Iterator[str]:
    floor = sold["floor"] or sold["price"]
    if price.currency != shop.currency:
        yield f"{at}: {price} is not in {shop.currency}, in which this shop sells"
    elif floor.currency != price.currency:
        yield f"{at}: {price} is not in {floor.currency}, as its price for everybody is"
    elif price.amount < floor.amount:
        yield (
            f"{at}: {price} is below {floor}, the least it may be sold for; ask more,"
            " or let its floor be less"
        )
