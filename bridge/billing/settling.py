"""An order's money is there: it is told, or held for its price or for a float."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.billing import carts, drawing, hooked, purchased, telling
from bridge.billing.hooked import What
from bridge.commands import Told
from bridge.store import shop_orders
from bridge.store.shop_orders import HeldFor, ShopOrder, State

FREE = "nothing is to be paid for it"
SETTLED = "order {} is {} already"
SAID = {
    State.ASKED: "order {0} waits for an admin to agree; see `switchhook approve {0}`"
}


def paid(
    tx: sa.Connection, at: datetime, order: str, by: str, because: str,
    on_float: bool = False,
) -> Told:  # fmt: skip
    """Its money is there, as *by* says; *because*: how that is known.

    Held, where it was priced by what is not so any more: it stands among those that
    wait, with its money noted, until somebody has it done or paid back. *on_float*: it
    is with the reseller, and what the order costs him is drawn from his float: held,
    too, where that does not reach.
    """
    found = waiting(tx, order)
    if found.method == carts.CART:
        raise LookupError(
            f"order {order} is paid at the platform that invoices it; that is heard"
            " from there, and confirmed by nobody here"
        )
    short = _is_short(tx, found, by, because, at) if on_float else None
    held = short or settled(tx, found, by, because, at)
    return {"order": order, "paid": True, "held": held}


def done(tx: sa.Connection, at: datetime, order: str, by: str, because: str) -> Told:
    """What was held is done all the same, for what was paid; what it costs a reseller
    is drawn, however little he has left."""
    found = waiting(tx, order, State.HELD)
    if found.held_for is HeldFor.FLOAT:
        drawing.draw(tx, found, by, because, at, beyond=True)
    _one_by_one(tx, found)
    telling.tell(tx, found, by, _both(found, because), at)
    return {"order": order, "held": None}


def back(tx: sa.Connection, at: datetime, order: str, by: str, because: str) -> Told:
    """What was held is not done; *because*: where its money went. What was drawn for it
    is given back, and others go on by that."""
    found, kept = waiting(tx, order, State.HELD), State.CANCELLED
    why = _both(found, because)
    given = drawing.give_back(tx, found, by, because, at)
    shop_orders.settle(tx, order, kept, by, why, at, was=State.HELD)
    hooked.tell(tx, What.CANCELLED, found, at)
    went_on = go_on(tx, found.source, found.currency, at) if given else []
    return {"order": order, "cancelled": True, "went_on": went_on}


def go_on(
    tx: sa.Connection, source: str, currency: str, at: datetime
) -> list[str]:  # fmt: skip
    """Those a float reaches for by now, the first confirmed first. One that is too
    large for it holds up none, nor does one of another currency than it is in."""
    went = []
    for order in shop_orders.lock_short(tx, source, currency):
        by, why = str(order.settled_by), str(order.because)
        if drawing.draw(tx, order, by, why, at) is None:
            _went_on(tx, order, by, why, at)
            went.append(order.id)
    return went


def _went_on(
    tx: sa.Connection, order: ShopOrder, by: str, because: str, at: datetime
) -> None:
    """Unless its price fits no more: then it is held for that, drawn as it is."""
    changes = order.kind in shop_orders.CHANGES
    if changes and purchased.unheard(tx, order.service):
        _hold(tx, order, by, because, at, HeldFor.PRICE)
    else:
        settled(tx, order, by, because, at)


def lacks(tx: sa.Connection, order: ShopOrder, by: str, at: datetime) -> str | None:
    """Why the float of its reseller, where he has one, does not reach for what nobody
    pays for: what it costs him all the same is drawn from that."""
    has = drawing.is_kept(tx, order.source)
    return _is_short(tx, order, by, FREE, at) if has else None


def _is_short(
    tx: sa.Connection, order: ShopOrder, by: str, because: str, at: datetime
) -> str | None:
    """Drawn for, or held until a float reaches for it: why."""
    why = drawing.draw(tx, order, by, because, at)
    # Its row is written behind the same lock as ever, taken in the same order.
    shop_orders.lock(tx, order.service)
    shop_orders.put_on_float(tx, order.id)
    if why:
        _hold(tx, order, by, because, at, HeldFor.FLOAT)
    return why


def settled(
    tx: sa.Connection, order: ShopOrder, by: str, because: str, at: datetime
) -> str | None:
    """Why it is held, where it is."""
    if order.kind in shop_orders.CHANGES:
        _one_by_one(tx, order)
        if why := purchased.stale(tx, order, at):
            _hold(tx, order, by, because, at, HeldFor.PRICE)
            return why
    telling.tell(tx, order, by, because, at)
    return None


def _hold(
    tx: sa.Connection, order: ShopOrder, by: str, because: str, at: datetime,
    why: HeldFor,
) -> None:  # fmt: skip
    shop_orders.settle(
        tx, order.id, State.HELD, by, because, at, was=order.state, held_for=why
    )


def _one_by_one(tx: sa.Connection, order: ShopOrder) -> None:
    """What was paid before it has to count first: this was priced by what that makes
    of the service, or is stale once it does."""
    shop_orders.lock(tx, order.service)
    if before := purchased.unheard(tx, order.service):
        raise LookupError(
            f"order {before.id} of {order.service} was paid and has not counted yet:"
            f" see what became of it, and confirm {order.id} after that"
        )


def _both(order: ShopOrder, because: str) -> str:
    """How its money was known of, and what became of it."""
    return f"{order.because}; {because}"


def waiting(tx: sa.Connection, order: str, *states: State) -> ShopOrder:
    found = shop_orders.one(tx, order)
    if found is None:
        raise LookupError(f"there is no order {order}")
    if found.state not in (states or {State.OPEN}):
        raise LookupError(SAID.get(found.state, SETTLED).format(order, found.state))
    return found
