"""From a promised price to an order: looked over, and placed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from marshmallow import fields, validate

from bridge import quotes
from bridge.access.customers import Right
from bridge.billing import purchased
from bridge.billing.carts import CART
from bridge.keys import hashed
from bridge.platforms import whmcs
from bridge.store import renewals, shop_orders
from bridge.store.shop_orders import Kind, ShopOrder, State
from bridge.web.forms import Form, text
from bridge.web.registry import ANYBODY
from bridge.web.shop import anew
from bridge.web.shop.catalogue import only_one
from bridge.web.shop.his import His, his, plainly
from bridge.web.shop.moves import Move, moved
from bridge.web.shop.registry import shop
from bridge.web.shop.trying import ORDER, SERVICE
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page
from provisioning.core.catalog import Catalog
from provisioning.core.choices import Choice
from provisioning.core.events import Type
from provisioning.core.margins import at_base
from provisioning.core.period import CYCLES
from provisioning.core.quote import Quote
from provisioning.core.quoted import Offered, why_not
from provisioning.core.sentences import Sentence

PAYER = ("name", "phone", "email", "company", "tax_id", "address")
"""Who pays, as it stands on the invoice (C5)."""

METHODS = ("manual", "platform", CART)
RENEWALS = {"manual": False, "automatic": True}
"""C4: by the choice of whoever pays, whether it is renewed by itself."""


class Shown(Form):
    quote = fields.String(required=True, validate=validate.Length(1, quotes.LONGEST))


class Payer(Form):
    name = text(required=True, most=100)
    phone = text(load_default="", most=40)
    email = text(required=True, most=254)
    company = text(load_default="", most=100)
    tax_id = text(load_default="", most=40)
    address = text(load_default="", most=200)


class Placed(Shown, Payer):
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    renewal = fields.String(load_default=None, validate=validate.OneOf(RENEWALS))


@dataclass(frozen=True, slots=True)
class Priced:
    """A promised price that holds. *move*: what it does to a service that is there."""

    offer: Quote
    mine: His | None = None
    move: Move | None = None


@shop.get("/order", may=ANYBODY, query=Shown)
def review(visit: Visit) -> Page | Go:
    """All of it once more, and who pays how (P16); a guest's price is kept."""
    token = visit.told["quote"]
    before = placed_by(visit, token)
    if before:
        return already(visit, before)
    priced = _priced(visit, token)
    move = priced.move
    facts = []
    if move and move.kind is Kind.RENEWAL:
        starts = visit.speech.moment(priced.offer.starts, visit.zone)
        facts.append((visit.say("From"), starts))
    return reviewed(visit, priced.offer, token, "/order", facts, move)


@shop.post("/order", may=Right.BUY, takes=Placed)
def place(visit: Visit) -> Go:
    """Once per promised price: a second click leads to the same order."""
    token = visit.told["quote"]
    before = placed_by(visit, token)
    if before:
        return already(visit, before)
    priced = _priced(visit, token)
    offer, mine, move = priced.offer, priced.mine, priced.move
    if mine and move:
        return ordered(visit, offer, move.kind, mine.ref, move.said)
    service = f"{visit.front.source}:{SERVICE}{_name(visit, token)}"
    return ordered(visit, offer, Kind.NEW, service, _said(visit, offer))


def reviewed(
    visit: Visit, offer: Quote, token: str, action: str,
    facts: Sequence[tuple[str, str]] = (), move: Move | None = None,
) -> Page:  # fmt: skip
    """All of it once more, and who pays how; *action*: where it is ordered; *move*:
    what it does to a service that is there."""
    told: dict[str, Any] = {
        "offer": offer,
        "token": token,
        "payer": {},
        "methods": methods(visit),
        "action": action,
        "facts": facts,
        "move": move,
        "renewal": None,
    }
    if visit.is_known:
        with visit.parts.database.read() as tx:
            who = visit.customer(tx)
            before = shop_orders.last(tx, visit.buyer.scope.client)
            if _recurs(visit, offer):
                told["renewal"] = _renewal(visit, tx, offer)
        told["payer"] = {"name": who.name, "email": who.email}
        told["payer"] |= before.payer if before else {}
    return Page("review", visit.say("Look it over and order"), told)


def ordered(
    visit: Visit, offer: Quote, kind: Kind, service: str, said: dict[str, Any]
) -> Go:
    """By the form `Placed`. *said*: what is told once it is paid."""
    told = visit.told
    if told["method"] not in methods(visit):
        raise LookupError(visit.say("That way to pay is not offered here."))
    now = _now(visit)
    goods = {topup.name: topup.price for topup in now.topups.values()}
    placed = visit.order(
        "shop.order", order=ORDER + _name(visit, told["quote"]),
        source=visit.front.source,
        client=visit.buyer.scope.client, customer=visit.buyer.name,
        quote=hashed(told["quote"]), kind=kind, service=service, said=said,
        lines=purchased.lines(offer),
        base=str(at_base(offer, visit.base(now), goods).amount),
        amount=str(offer.amount_due.amount), currency=offer.amount_due.currency,
        method=told["method"], payer={name: told[name] for name in PAYER},
        cart=whmcs.channel(visit.front.source) if visit.front.billing else None,
        automatic=RENEWALS.get(told["renewal"]) if _recurs(visit, offer) else None,
    )  # fmt: skip
    return Go(f"/orders/{placed['order']}")


def _recurs(visit: Visit, offer: Quote) -> bool:
    """Whether it is renewed at all, and by us."""
    pays = offer.unit_price.amount and CYCLES[offer.choice.cycle]
    return bool(pays) and not visit.front.is_platform


def _renewal(visit: Visit, tx: sa.Connection, offer: Quote) -> str:
    """What was chosen of it before; else what the shop's choice is."""
    chosen = renewals.of(tx, [offer.ref]).get(offer.ref) if offer.ref else None
    if chosen is None:
        return visit.front.shop.renewal
    return next(name for name, on in RENEWALS.items() if on is chosen.automatic)


def _name(visit: Visit, token: str) -> str:
    """By what was promised and to whom: who presses twice at once says the same."""
    return hashed(f"{visit.front.source} {visit.buyer.scope.client} {token}")[:16]


def methods(visit: Visit) -> list[str]:
    front = visit.front
    if front.billing:
        return [CART]
    return ["platform"] if front.is_platform else ["manual"]


def _priced(visit: Visit, token: str) -> Priced:
    """The promise in it, as long as it holds."""
    found = quotes.opened(visit.parts.keys, token)
    if isinstance(found, Sentence):
        raise LookupError(plainly(visit, found))  # noqa: TRY004 - what it says
    if found.quote.ref:
        return _of_his(visit, found, found.quote.ref)
    now = _now(visit)
    no = why_not(found, visit.at, version=now.version, ref=None, has=None)
    if no:
        raise anew.refused(visit, no, found.quote)
    _is_sold(visit, now, found.quote.choice)
    return Priced(found.quote)


def _of_his(visit: Visit, found: Offered, ref: str) -> Priced:
    """What changes a service is for whose it is, as that is now, and nobody else."""
    if not visit.is_known:
        raise LookupError(visit.say("Log in first: this changes a service of yours."))
    mine = his(visit, ref)
    with visit.parts.database.read() as tx:
        has = quotes.basis(tx, found, mine.catalog)
        paid = purchased.unheard(tx, ref)
    no = why_not(found, visit.at, version=mine.catalog.version, ref=ref, has=has)
    if no:
        raise anew.refused(visit, no, found.quote, has)
    if visit.front.is_platform:
        raise LookupError(visit.say("That is changed where you find your invoices."))
    if mine.waits and mine.waits.state is State.ASKED:
        raise LookupError(
            visit.say(
                "Order {id} of this service waits for an admin. Wait for the answer,"
                " or call it off.",
                id=mine.waits.id,
            )
        )
    if mine.waits:
        raise LookupError(
            visit.say(
                "Order {id} of this service waits for its payment. Pay it, or call it"
                " off.",
                id=mine.waits.id,
            )
        )
    if paid:
        raise LookupError(
            visit.say(
                "Order {id} of this service is being done. Wait until it is, then go"
                " on.",
                id=paid.id,
            )
        )
    if found.quote.choice.package != mine.service.package:
        _is_sold(visit, mine.catalog, found.quote.choice)
    return Priced(found.quote, mine, moved(visit, mine, found.quote))


def _is_sold(visit: Visit, catalog: Catalog, choice: Choice) -> None:
    sold = visit.sold(catalog)
    names = (choice.package, *(name for name, _ in choice.extras))
    if any(name not in sold for name in names):
        raise LookupError(visit.say("That plan is not sold here."))
    if name := visit.prices(catalog).given_away(choice):
        raise LookupError(only_one(visit, name))


def _now(visit: Visit) -> Catalog:
    with visit.parts.database.read() as tx:
        return visit.parts.editions.now(tx)


def already(visit: Visit, before: ShopOrder) -> Go:
    """Back to what that price was ordered by: nothing is ordered twice."""
    said = visit.say("That is ordered already; this is its order.")
    return Go(f"/orders/{before.id}", said)


def placed_by(visit: Visit, token: str) -> ShopOrder | None:
    """The order that was placed by that price, where it is his."""
    if not visit.is_known:
        return None
    with visit.parts.database.read() as tx:
        found = shop_orders.of_quote(tx, visit.front.source, hashed(token))
    return found if found and found.client == visit.buyer.scope.client else None


def _said(visit: Visit, offer: Quote) -> dict[str, Any]:
    choice = offer.choice
    return {
        "type": Type.ACTIVATE.value,
        "product": choice.package,
        "quantity": choice.quantity,
        "extras": [list(extra) for extra in choice.extras],
        "cycle": choice.cycle,
        "zone": visit.zone.key,
        "group": visit.group(_now(visit)),
    }
