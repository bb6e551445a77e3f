"""An order on its way into the cart of the platform behind a shop, as its customer sees
it."""

from __future__ import annotations

from bridge.billing.carts import Handing
from bridge.store.shop_orders import ShopOrder, State
from bridge.web.shop.visit import Visit

Steps = list[tuple[str, str]]

HOW = {
    Handing.UNDER_WAY: "now",
    Handing.AWAY: "now",
    Handing.DIFFERS: "warn",
    Handing.STOPPED: "warn",
    Handing.THERE: "done",
}
STILL = {Handing.DIFFERS, Handing.STOPPED}
"""Where nothing moves before somebody has looked."""


def steps(visit: Visit, of: Steps, how: Handing, *, moves: bool) -> tuple[Steps, bool]:
    """Those of the order with one more, behind the first; and whether to look again."""
    first, *rest = of
    if not rest or how is Handing.THERE:
        return of, moves
    handed = (visit.say("Handed over to our billing"), HOW[how])
    later = [(name, "later") for name, _ in rest]
    return [first, handed, *later], how not in STILL


def invoice(visit: Visit, order: ShopOrder) -> str | None:
    """Where it is paid; None, where that is not there, or is paid."""
    number = (order.handed or {}).get("invoice")
    if not number or order.state is not State.OPEN:
        return None
    return f"{visit.front.billing_url}/{page(number)}"


def page(number: str) -> str:
    return f"viewinvoice.php?id={number}"
