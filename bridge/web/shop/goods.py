"""What is bought beside a plan: credit for an account, and coupons (I10, S7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge import quotes
from bridge.access.customers import Right
from bridge.config.carts import numbers
from bridge.store.shop_orders import Kind
from bridge.web.forms import Form, number, text
from bridge.web.shop import anew, ordering
from bridge.web.shop.his import plainly
from bridge.web.shop.mine import mine
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page
from provisioning.core import quote
from provisioning.core.account import Account
from provisioning.core.catalog import Catalog
from provisioning.core.events import Type
from provisioning.core.money import Money
from provisioning.core.quote import Quote
from provisioning.core.quoted import offered, why_not
from provisioning.core.sentences import Sentence
from provisioning.core.terms import CouponKind

MOST = 100
"""Of one at a time."""


class Pick(Form):
    name = text(required=True, most=100)
    account = text(load_default=None, most=100)
    quantity = number(1, MOST, load_default=1)


@dataclass(frozen=True, slots=True)
class Good:
    """*credit*: in the account's currency, and what comes on top for free apart."""

    name: str
    kind: Kind
    price: Money
    credit: Money | None = None
    bonus: Money | None = None
    coupon: CouponKind | None = None

    def is_for(self, account: Account) -> bool:
        return self.credit is None or self.credit.currency == account.currency


@shop.get("/topup", may=Right.SEE)
def topups(visit: Visit) -> Page:
    """I10: price, credit and bonus are three sums, each shown as such."""
    return _listed(visit, Kind.TOPUP, visit.say("Top up"))


@shop.get("/coupons/buy", may=Right.SEE)
def coupons(visit: Visit) -> Page:
    """S7, B13: those that have a price."""
    return _listed(visit, Kind.COUPON, visit.say("Buy coupons"))


@shop.get("/goods", may=Right.BUY, query=Pick)
def picked(visit: Visit) -> Page:
    """One of them for one account, with its price promised."""
    _ours(visit)
    told = visit.told
    with visit.parts.database.read() as tx:
        now, has = visit.parts.editions.now(tx), mine(visit, tx, told["account"])
    good = _good(visit, now, told["name"])
    if has.one is None or not good.is_for(has.one):
        raise LookupError(visit.say("Order a plan first: this goes to its account."))
    many, to = told["quantity"], has.one.id
    offer = quote.apart(good.name, good.price, many, to, visit.at)
    token = quotes.signed(visit.parts.keys, offered(offer, now.version))
    return _shown(visit, good, has.one, offer, token)


@shop.post("/goods", may=Right.BUY, takes=ordering.Placed)
def buy(visit: Visit) -> Go:
    """Once per promised price: a second click leads to the same order."""
    _ours(visit)
    token = visit.told["quote"]
    before = ordering.placed_by(visit, token)
    if before:
        return ordering.already(visit, before)
    offer, good = _held(visit, token)
    said = {
        "type": Type.TOPUP.value,
        "product": good.name,
        "quantity": offer.choice.quantity,
        "target": offer.ref,
    }
    return ordering.ordered(visit, offer, good.kind, "", said)


def sold(visit: Visit, now: Catalog) -> Mapping[str, Good]:
    """What this brand sells beside its plans, by name."""
    own, there = visit.front.shop, _there(visit)
    found = [
        Good(t.name, Kind.TOPUP, own.prices.get(t.name, t.price), t.credit, t.bonus)
        for t in now.topups.values()
    ] + [
        Good(kind.name, Kind.COUPON, kind.price, coupon=kind)
        for kind in now.terms.coupons.values()
        if kind.price
    ]
    return {
        good.name: good
        for good in found
        if good.price.currency == own.currency
        and (not own.sells or good.name in own.sells)
        and (there is None or good.name in there)
    }


def _there(visit: Visit) -> Mapping[str, list[str]] | None:
    """What the platform sells that has a shop's orders in its cart."""
    if visit.front.billing is None:
        return None
    source = visit.parts.config.sources[visit.front.source]
    return numbers(source.get("products", {}))


def _ours(visit: Visit) -> None:
    if visit.front.billing:
        raise LookupError(visit.say("That is bought at our billing."))


def _listed(visit: Visit, kind: Kind, title: str) -> Page:
    with visit.parts.database.read() as tx:
        now, has = visit.parts.editions.now(tx), mine(visit, tx, None)
    goods = [good for good in sold(visit, now).values() if good.kind is kind]
    goods.sort(key=lambda good: good.price.amount)
    shown = [(good, [a for a in has.every if good.is_for(a)]) for good in goods]
    told = {"goods": shown, "kind": kind.value, "has": has, "most": MOST}
    return Page("goods", title, told)


def _shown(
    visit: Visit, good: Good, account: Account, offer: Quote, token: str
) -> Page:
    many, said = offer.choice.quantity, visit.speech
    sums = ((visit.say("Credit"), good.credit), (visit.say("Bonus, free"), good.bonus))
    facts = [
        (name, said.money(each.amount * many, each.currency))
        for name, each in sums
        if each
    ]
    facts.append((visit.say("For account"), account.username))
    return ordering.reviewed(visit, offer, token, "/goods", facts)


def _good(visit: Visit, now: Catalog, name: str) -> Good:
    found = sold(visit, now).get(name)
    if found is None:
        raise LookupError(visit.say("That is not sold here."))
    return found


def _held(visit: Visit, token: str) -> tuple[Quote, Good]:
    """The promise in it, as long as it holds, for an account of his."""
    found = quotes.opened(visit.parts.keys, token)
    if isinstance(found, Sentence):
        raise LookupError(plainly(visit, found))  # noqa: TRY004 - what it says
    with visit.parts.database.read() as tx:
        now = visit.parts.editions.now(tx)
        has = mine(visit, tx, found.quote.ref or "")
    ref = has.one.id if has.one else None
    no = why_not(found, visit.at, version=now.version, ref=ref, has=None)
    if no:
        raise anew.of_good(visit, no, found.quote)
    return found.quote, _good(visit, now, found.quote.choice.package)
