"""What was ordered at a shop and waits for its money: it came, or is called off."""

from __future__ import annotations

from bridge.access.roles import May
from bridge.store import shop_orders
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, reason
from bridge.web.site import Go, Page

MOST = 200


class Why(Form):
    because = reason()


@console.get("/purchases", may=May.SEE)
def waiting(asked: Asked) -> Page:
    """The oldest first."""
    with asked.parts.database.read() as tx:
        rows = shop_orders.waiting(tx, asked.scope, MOST)
    return Page("purchases", "Orders to be paid", {"rows": rows})


@console.get("/purchases/<order>", may=May.SEE)
def one(asked: Asked, order: str) -> Page:
    with asked.parts.database.read() as tx:
        found = shop_orders.one(tx, order)
    if found is None:
        raise LookupError(f"there is no order {order}")
    return Page("purchase", f"Order {order}", {"order": found})


@console.post("/purchases/<order>/paid", may=May.MONEY, fresh=True, takes=Why)
def paid(asked: Asked, order: str) -> Go:
    """Its money was seen: what it bought begins now."""
    why, by = asked.told["because"], asked.who.name
    asked.order("shop.paid", order=order, by=by, because=why)
    return Go(f"/purchases/{order}", "Confirmed; what it bought is being set up.")


@console.post("/purchases/<order>/cancel", may=May.PROVISION, takes=Why)
def cancel(asked: Asked, order: str) -> Go:
    why, by = asked.told["because"], asked.who.name
    asked.order("shop.cancel", order=order, by=by, because=why)
    return Go(f"/purchases/{order}", "Called off.")
