"""From a promised price to an order, and the order until its account is there."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from bridge import quotes
from bridge.access.customers import Right
from bridge.keys import hashed, random_name
from bridge.store import accounts, operations, shop_orders
from bridge.store.shop_orders import Kind, ShopOrder, State
from bridge.web.forms import Form, text
from bridge.web.registry import ANYBODY
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page
from bridge.words import render
from provisioning.core.catalog import Catalog
from provisioning.core.events import Type
from provisioning.core.heard import Fate
from provisioning.core.margins import at_base
from provisioning.core.quote import Line, Quote
from provisioning.core.quoted import Offered, why_not
from provisioning.core.sentences import Sentence

ORDER, SERVICE = "or_", "sv_"
AGAIN = 2
"""Seconds between two looks while something moves."""

PAYER = ("name", "phone", "email", "company", "tax_id", "address")
"""Who pays, as it stands on the invoice (C5)."""

METHODS = ("manual", "platform")


class Shown(Form):
    quote = fields.String(required=True, validate=validate.Length(1, quotes.LONGEST))


class Placed(Shown):
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    name = text(required=True, most=100)
    phone = text(load_default="", most=40)
    email = text(required=True, most=254)
    company = text(load_default="", most=100)
    tax_id = text(load_default="", most=40)
    address = text(load_default="", most=200)


@shop.get("/order", may=ANYBODY, query=Shown)
def review(visit: Visit) -> Page | Go:
    """All of it once more, and who pays how (P16); a guest's price is kept."""
    token = visit.told["quote"]
    offer = _held(visit, token)
    before = _before(visit, token)
    if before:
        return Go(f"/orders/{before.id}")
    told: dict[str, Any] = {
        "offer": offer.quote,
        "token": token,
        "payer": {},
        "methods": methods(visit),
    }
    if visit.is_known:
        with visit.parts.database.read() as tx:
            who = visit.customer(tx)
        told["payer"] = {"name": who.name, "email": who.email}
    return Page("review", visit.say("Look it over and order"), told)


@shop.post("/order", may=Right.BUY, takes=Placed)
def place(visit: Visit) -> Go:
    """Once per promised price: a second click leads to the same order."""
    told, token = visit.told, visit.told["quote"]
    before = _before(visit, token)
    if before:
        return Go(f"/orders/{before.id}")
    offer, now = _held(visit, token).quote, _now(visit)
    if told["method"] not in methods(visit):
        raise LookupError(visit.say("That way to pay is not offered here."))
    placed = visit.order(
        "shop.order", order=ORDER + random_name(12), source=visit.front.source,
        client=visit.buyer.scope.client, customer=visit.buyer.name,
        quote=hashed(token), kind=Kind.NEW,
        service=f"{visit.front.source}:{SERVICE}{random_name(12)}",
        said=_said(visit, offer) | {"group": visit.group(now)},
        lines=[_line(line) for line in offer.lines],
        base=str(at_base(offer, visit.base(now)).amount),
        amount=str(offer.amount_due.amount), currency=offer.amount_due.currency,
        method=told["method"], payer={name: told[name] for name in PAYER},
    )  # fmt: skip
    return Go(f"/orders/{placed['order']}")


@shop.get("/orders", may=Right.SEE)
def orders(visit: Visit) -> Page:
    with visit.parts.database.read() as tx:
        found = shop_orders.of_client(tx, visit.buyer.scope.client, 100)
    return Page("orders", visit.say("Orders"), {"orders": found})


@shop.get("/orders/<order>", may=Right.SEE)
def progress(visit: Visit, order: str) -> Page:
    """How far it is, looked at again until it is there."""
    with visit.parts.database.read() as tx:
        found = shop_orders.one(tx, order)
        if found is None:
            raise LookupError(visit.say("There is no such order."))
        event = [found.event] if found.event else []
        told = next(iter(operations.of_events(tx, found.source, event)), None)
        account = accounts.load(tx, accounts.of_service(tx, found.service) or "")
    fate = told.fate if told else None
    steps, moves = _steps(visit, found, fate, account is not None)
    why = render(told.why) if told and fate is not Fate.DONE else None
    shown = {
        "order": found,
        "steps": steps,
        "done": fate is Fate.DONE,
        "why": why,
        "pay": visit.front.shop.pay,
    }
    again = AGAIN if moves else None
    return Page("order", visit.say("Order {id}", id=found.id), shown, again=again)


@shop.post("/orders/<order>/cancel", may=Right.BUY)
def cancel(visit: Visit, order: str) -> Go:
    """As long as nothing is paid."""
    why = "the customer called it off"
    visit.order("shop.cancel", order=order, by=visit.buyer.name, because=why)
    return Go(f"/orders/{order}", visit.say("The order is called off."))


def methods(visit: Visit) -> list[str]:
    front = visit.front
    return ["platform"] if front.is_platform else ["manual"]


def _held(visit: Visit, token: str) -> Offered:
    """The promise in it, as long as it holds."""
    found = quotes.opened(visit.parts.keys, token)
    if isinstance(found, Sentence):
        raise LookupError(_sentence(visit, found))  # noqa: TRY004 - what it says
    now = _now(visit)
    no = why_not(found, visit.at, version=now.version, ref=None, has=None)
    if no:
        raise LookupError(_sentence(visit, no))
    sold = visit.sold(now)
    names = (
        found.quote.choice.package,
        *(name for name, _ in found.quote.choice.extras),
    )
    if any(name not in sold for name in names):
        raise LookupError(visit.say("That plan is not sold here."))
    return found


def _now(visit: Visit) -> Catalog:
    with visit.parts.database.read() as tx:
        return visit.parts.editions.now(tx)


def _sentence(visit: Visit, said: Sentence) -> str:
    return render(said, visit.speech.language) or ""


def _before(visit: Visit, token: str) -> ShopOrder | None:
    """The order that was placed by that price, where it is his."""
    if not visit.is_known:
        return None
    with visit.parts.database.read() as tx:
        found = shop_orders.of_quote(tx, visit.front.source, hashed(token))
    return found if found and found.client == visit.buyer.scope.client else None


def _said(visit: Visit, offer: Quote) -> dict[str, Any]:
    choice = offer.choice
    zone = visit.parts.config.catalog.terms.zone
    return {
        "type": Type.ACTIVATE.value,
        "product": choice.package,
        "quantity": choice.quantity,
        "extras": [list(extra) for extra in choice.extras],
        "cycle": choice.cycle,
        "zone": zone,
    }


def _line(line: Line) -> dict[str, Any]:
    position = line.position
    return {
        "name": position.name,
        "kind": position.kind.value,
        "quantity": position.quantity,
        "unit_price": str(position.unit_price.amount),
        "amount": str(line.amount.amount),
        "way": line.way.value,
    }


def _steps(
    visit: Visit, order: ShopOrder, fate: Fate | None, is_there: bool
) -> tuple[list[tuple[str, str]], bool]:
    """Each with how it is, and whether to look again."""
    if order.state is State.CANCELLED:
        return [(visit.say("Called off"), "bad")], False
    paid = order.state is State.PAID
    done = fate is Fate.DONE
    stuck = fate in {Fate.PARKED, Fate.REFUSED}
    rows = [
        (visit.say("Ordered"), "done"),
        (visit.say("Paid"), "done" if paid else "now"),
        (visit.say("Account set up"), _as(done=is_there, now=paid and not stuck)),
        (visit.say("Ready to use"), _as(done=done, now=is_there and not stuck)),
    ]
    if stuck:
        rows.append((visit.say("A person looks at it"), "warn"))
    return rows, not (done or stuck)


def _as(*, done: bool, now: bool) -> str:
    return "done" if done else "now" if now else "later"
