"""A plan tried for nothing: once for each customer and family (D14)."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.access.customers import Right
from bridge.keys import hashed, random_name
from bridge.store import shop_orders
from bridge.store.shop_orders import Kind, ShopOrder
from bridge.web.forms import Form, text
from bridge.web.shop.his import plainly
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Go
from provisioning.core.account import Account
from provisioning.core.catalog import Catalog
from provisioning.core.events import Type
from provisioning.core.sentences import Sentence
from provisioning.core.terms import Family
from provisioning.core.trial import begin

ORDER, SERVICE = "or_", "sv_"
"""How the names of orders and of new services begin."""


class Try(Form):
    package = text(required=True, most=100)


@shop.post("/try", may=Right.BUY, takes=Try)
def try_(visit: Visit) -> Go:
    """D14, I2: an order of nothing is confirmed by being made; the second one of a
    family leads to the first."""
    package = visit.told["package"]
    with visit.parts.database.read() as tx:
        now, who = visit.parts.editions.now(tx), visit.customer(tx)
        prices = visit.prices(now)
        family = now.terms.family_of(package)
        sold = prices.packages.get(package)
        if sold is None or family is None or prices.is_free(package):
            raise LookupError(visit.say("That plan is not tried for free."))
        before = of_family(tx, visit, family)
        had = visit.accounts(tx)
    if before:
        return Go(f"/orders/{before.id}")
    if (no := why_not(had, family, visit)) is not None:
        raise LookupError(no)
    source = visit.front.source
    if visit.front.billing:
        raise LookupError(visit.say("That plan is not tried for free."))
    placed = visit.order(
        "shop.order", order=ORDER + random_name(12), source=source,
        client=visit.buyer.scope.client, customer=visit.buyer.name,
        quote=key(visit, family), kind=Kind.NEW,
        service=f"{source}:{SERVICE}{random_name(12)}",
        said={"type": Type.ACTIVATE.value, "product": package,
              "quantity": prices.minimum(package),
              "extras": [], "trial": True, "group": visit.group(now)},
        lines=[], amount="0", currency=sold.price.currency, method="manual",
        payer={"name": who.name, "email": who.email},
    )  # fmt: skip
    return Go(f"/orders/{placed['order']}")


def tries(visit: Visit, now: Catalog, package: str) -> int | None:
    """The days it may be tried by who asks; a guest logs in first."""
    family = now.terms.family_of(package)
    if family is None or family.trial is None or visit.prices(now).is_free(package):
        return None
    if visit.front.billing:
        return None  # What is tried would be nothing that its platform sells.
    if visit.is_known:
        with visit.parts.database.read() as tx:
            had, before = visit.accounts(tx), of_family(tx, visit, family)
        if before or why_not(had, family, visit):
            return None
    return family.trial.days


def of_family(tx: sa.Connection, visit: Visit, family: Family) -> ShopOrder | None:
    """His trial of it, however long ago."""
    return shop_orders.of_quote(tx, visit.front.source, key(visit, family))


def why_not(had: list[Account], family: Family, visit: Visit) -> str | None:
    """Told before anything is ordered; the rules say it again as it is set up."""
    tried = tuple(trial for account in had for trial in account.trials)
    found = begin(family, tried, visit.at)
    return plainly(visit, found) if isinstance(found, Sentence) else None


def key(visit: Visit, family: Family) -> str:
    """In place of a promised price: there is one trial by it, and no other."""
    return hashed(f"trial of {family.name} by {visit.buyer.scope.client}")
