"""What is sold here: side by side, and one as you want it with its price.

A price is reckoned here and nowhere else; a page without scripts asks for it anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from marshmallow import fields, validate

from bridge import quotes
from bridge.store import catalogs
from bridge.web.forms import Form, number
from bridge.web.registry import ANYBODY
from bridge.web.shop.registry import shop
from bridge.web.shop.trying import tries
from bridge.web.shop.visit import Visit
from bridge.web.site import Page
from provisioning.core import quote
from provisioning.core.catalog import Catalog, Package
from provisioning.core.choices import Choice
from provisioning.core.money import Money
from provisioning.core.period import CYCLES
from provisioning.core.prices import PriceList
from provisioning.core.quoted import offered

MOST = 10_000
NOBODY = catalogs.Registered(0, 0)
EXTRA = "x-"
"""How the fields of add-ons begin: they are as many as are sold."""


class Wish(Form):
    class Meta:
        unknown = "exclude"

    cycle = fields.String(load_default=None, validate=validate.OneOf(list(CYCLES)))
    quantity = number(1, MOST, load_default=None)
    trial = fields.Boolean(load_default=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """One column of the comparison."""

    package: Package
    price: Money
    family: str | None
    rank: int
    limits: dict[str, Any]
    cycles: tuple[str, ...]
    trial_days: int | None
    seats: int
    """How many accounts of it are registered (P1)."""

    @property
    def name(self) -> str:
        return self.package.name


@shop.get("/", may=ANYBODY)
def plans(visit: Visit) -> Page:
    """P1: all plans, each with how many are registered for it."""
    with visit.parts.database.read() as tx:
        now = visit.parts.editions.now(tx)
        registered = catalogs.registered(tx, visit.front.source)
    known = visit.prices(now)
    found = [
        _plan(now, known, name, registered.get(name, NOBODY))
        for name, package in known.packages.items()
        if not package.addon
    ]
    found.sort(key=lambda plan: (plan.family or "~", -plan.rank, plan.price.amount))
    names = {name: None for plan in found for name in plan.limits}
    return Page("plans", visit.say("Plans"), {"plans": found, "limits": list(names)})


@shop.get("/plans/<package>", may=ANYBODY, query=Wish)
def configure(visit: Visit, package: str) -> Page:
    """Cycle, quantity and add-ons chosen, with the price as of now (P10 to P15)."""
    with visit.parts.database.read() as tx:
        now = visit.parts.editions.now(tx)
    prices = visit.prices(now)
    sold = prices.packages.get(package)
    if sold is None or sold.addon:
        raise LookupError(visit.say("That plan is not sold here."))
    choice, wrong = chosen(visit, prices, sold)
    offer = quote.sign_up(prices, choice, visit.at)
    token = quotes.signed(visit.parts.keys, offered(offer, now.version))
    told = {
        "plan": _plan(now, prices, package, NOBODY),
        "choice": choice,
        "least": prices.minimum(package),
        "prices": {
            cycle: prices.unit_price(Choice(package, cycle, choice.quantity))
            for cycle in prices.cycles(package)
        },
        "discounts": _discounts(now, package),
        "addons": _addons(prices, sold, choice),
        "offer": offer,
        "token": token,
        "wrong": wrong,
        "tries": tries(visit, now, package),
        "setup": any(not line.position.recurs for line in offer.lines),
    }
    return Page("configure", visit.front.titled(package), told)


def chosen(visit: Visit, prices: PriceList, sold: Package) -> tuple[Choice, str | None]:
    """What the form says, where it is sold so; else the nearest, and why."""
    wish, least = visit.told, prices.minimum(sold.name)
    cycles = prices.cycles(sold.name)
    cycle = wish["cycle"] or sold.cycle
    quantity = wish["quantity"] or least
    wrong = None
    if cycle not in cycles:
        cycle, wrong = sold.cycle, visit.say("That plan is not sold for so long.")
    if quantity < least:
        quantity, wrong = (
            least,
            visit.say("At least {least} of it are sold.", least=least),
        )
    extras = tuple(
        (name, n)
        for name in _addable(prices, sold, cycle)
        if (n := many(request.args.get(EXTRA + name, "")))
    )
    choice = Choice(sold.name, cycle, quantity, extras)
    if name := prices.given_away(choice):
        ones = tuple((name, 1) for name, _ in extras)
        return Choice(sold.name, cycle, least, ones), only_one(visit, name)
    return choice, wrong


def only_one(visit: Visit, name: str) -> str:
    return visit.say(
        "{name} costs nothing: one of it is given, and no more.", name=name
    )


def _addable(prices: PriceList, sold: Package, cycle: str) -> list[str]:
    """The add-ons an account of that plan can have, for so long."""
    return [
        name
        for name, addon in prices.packages.items()
        if addon.addon
        and set(addon.backends) & set(sold.backends)
        and cycle in {addon.cycle, *prices.cycles(name)}
    ]


def many(typed: str) -> int:
    plain = typed.isascii() and typed.isdecimal() and len(typed) <= len(str(MOST))
    return min(int(typed), MOST) if plain else 0


def _plan(now: Catalog, prices: PriceList, name: str, n: catalogs.Registered) -> Plan:
    package, ladder = prices.packages[name], now.terms.ladders.get(name)
    family = now.terms.family_of(name)
    own = Choice(name, package.cycle, prices.minimum(name))
    trial = family.trial.days if family and family.trial else None
    return Plan(
        package, prices.unit_price(own),
        ladder.family if ladder else None, ladder.rank if ladder else 0,
        dict(prices.entitlements(own)), prices.cycles(name),
        None if prices.is_free(name) else trial, n.seats,
    )  # fmt: skip


def _discounts(now: Catalog, package: str) -> dict[str, Any]:
    ladder = now.terms.ladders.get(package)
    return dict(ladder.discounts) if ladder else {}


def _addons(prices: PriceList, sold: Package, choice: Choice) -> list[dict[str, Any]]:
    """All there are for that plan: what is for another cycle keeps its place, so that
    nothing moves as one is picked."""
    had, now = dict(choice.extras), _addable(prices, sold, choice.cycle)
    every = {
        name
        for cycle in prices.cycles(sold.name)
        for name in _addable(prices, sold, cycle)
    }
    return [
        {
            "name": name,
            "field": EXTRA + name,
            "many": had.get(name, 0),
            "price": prices.unit_price(
                Choice(name, choice.cycle if name in now else addon.cycle, 1)
            ),
            "only": None if name in now else addon.cycle,
        }
        for name, addon in prices.packages.items()
        if name in every
    ]
