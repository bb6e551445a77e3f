"""What was ordered at a shop and waits: for its money, or for what becomes of that."""

from __future__ import annotations

from bridge.access.roles import May
from bridge.billing import carts
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
        told = {"order": found, "handing": carts.handing(tx, found),
                "delivery": carts.delivery(tx, found)}  # fmt: skip
    return Page("purchase", f"Order {order}", told)


@console.post("/purchases/<order>/paid", may=May.MONEY, fresh=True, takes=Why)
def paid(asked: Asked, order: str) -> Go:
    """Its money was seen: what it bought begins now, where its price still fits."""
    why, by = asked.told["because"], asked.who.name
    held = asked.order("shop.paid", order=order, by=by, because=why)["held"]
    if held:
        said = f"Its money is noted, and nothing is done yet: {held}. Say below what."
        return Go(f"/purchases/{order}", said, bad=True)
    return Go(f"/purchases/{order}", "Confirmed; what it bought is being set up.")


@console.post("/purchases/<order>/done", may=May.MONEY, fresh=True, takes=Why)
def done(asked: Asked, order: str) -> Go:
    """What was held is done all the same."""
    why, by = asked.told["because"], asked.who.name
    asked.order("shop.done", order=order, by=by, because=why)
    return Go(f"/purchases/{order}", "What it bought is being done.")


@console.post("/purchases/<order>/back", may=May.MONEY, fresh=True, takes=Why)
def back(asked: Asked, order: str) -> Go:
    """What was held is not done, and its money is back."""
    why, by = asked.told["because"], asked.who.name
    asked.order("shop.back", order=order, by=by, because=why)
    return Go(f"/purchases/{order}", "Called off; where its money went is kept.")


@console.post("/purchases/<order>/cancel", may=May.PROVISION, takes=Why)
def cancel(asked: Asked, order: str) -> Go:
    why, by = asked.told["because"], asked.who.name
    asked.order("shop.cancel", order=order, by=by, because=why)
    return Go(f"/purchases/{order}", "Called off.")
