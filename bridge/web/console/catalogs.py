"""What is sold and by which terms: now, before, by the file; and what one would pay."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from bridge import differing
from bridge.access.roles import May
from bridge.changing import lines
from bridge.store import catalogs
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, number, reason, text
from bridge.web.site import Go, Page
from provisioning.core import quote
from provisioning.core.catalog import Catalog
from provisioning.core.choices import Choice
from provisioning.core.period import CYCLES
from provisioning.core.prices import PriceList

NOBODY = catalogs.Registered(0, 0)


class Apply(Form):
    because = reason()
    was = text(load_default=None)
    version = text(required=True)


class Wish(Form):
    package = text(load_default=None)
    cycle = fields.String(load_default=None, validate=validate.OneOf(list(CYCLES)))
    quantity = number(1, 100_000, load_default=1)
    group = text(load_default=None)


@console.get("/catalog", may=May.SEE)
def current(asked: Asked) -> Page:
    """What is current, what the file would change, and what was current before."""
    parts = asked.parts
    with parts.database.read() as tx:
        version, found, touched = differing.compared(tx, parts.editions)
        now, history = parts.editions.now(tx), catalogs.history(tx)
        running = differing.by_version(history, catalogs.running(tx))
        registered = catalogs.registered(tx)
    told = {
        "version": version,
        "file": parts.config.catalog.version,
        "differences": [differing.worded(each) for each in found],
        "touched": touched,
        "packages": [
            _sold(now, name, registered.get(name, NOBODY)) for name in now.packages
        ],
        "topups": now.topups.values(),
        "history": history,
        "running": running,
    }
    return Page("catalog", "Catalog", told)


@console.post("/catalog/apply", may=May.SELL, fresh=True, takes=Apply)
def apply(asked: Asked) -> Go:
    """The file's terms are current from now on, where they are those shown."""
    told, file = asked.told, asked.parts.config.catalog
    if told["version"] != file.version:
        raise LookupError("The configuration is another than was shown; look again.")
    said = differing.ordered(file, told["was"], asked.who.name, told["because"])
    if asked.order("catalog.apply", **said)["applied"] is None:
        raise LookupError(
            "Other terms were applied meanwhile; nothing was done. Look again."
        )
    return Go("/catalog", f"Current from now on: {file.version[:12]}.")


@console.get("/catalog/calculator", may=May.SEE, query=Wish)
def calculator(asked: Asked) -> Page:
    """What a new customer would pay; nothing is ordered."""
    told = asked.told
    with asked.parts.database.read() as tx:
        now = asked.parts.editions.now(tx)
    groups = sorted({offer.group for ladder in now.terms.ladders.values()
                     for offer in ladder.offers if offer.group})  # fmt: skip
    shown = {
        "packages": sorted(now.packages),
        "cycles": list(CYCLES),
        "groups": groups,
        "wish": told,
        "answer": _answer(asked, now) if told["package"] else None,
    }
    return Page("calculator", "What would a customer pay?", shown)


def _answer(asked: Asked, now: Catalog) -> dict[str, Any]:
    """The quote, or why there is none."""
    wish = asked.told
    package = now.packages.get(wish["package"])
    if package is None:
        return {"no": f'"{wish["package"]}" is not sold.'}
    prices = PriceList(now.packages, now.terms, wish["group"])
    cycle = wish["cycle"] or package.cycle
    if cycle not in prices.cycles(package.name):
        sold = ", ".join(prices.cycles(package.name))
        return {"no": f"{package.name} is sold {sold}, not {cycle}."}
    if wish["quantity"] < prices.minimum(package.name):
        return {"no": f"At least {prices.minimum(package.name)} of it are sold."}
    choice = Choice(package.name, cycle, wish["quantity"])
    offer = quote.sign_up(prices, choice, asked.at)
    return {
        "offer": offer,
        "lines": lines(offer),
        "limits": prices.entitlements(choice),
        "free": package.free_credit,
    }


def _sold(now: Catalog, name: str, n: catalogs.Registered) -> dict[str, Any]:
    package, ladder = now.packages[name], now.terms.ladders.get(name)
    return {
        "package": package,
        "ladder": ladder,
        "cycles": PriceList(now.packages, now.terms).cycles(name),
        "services": n.services,
        "seats": n.seats,
    }
