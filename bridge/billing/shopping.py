"""What is ordered at a shop, agreed to, called off or paid: by name, each one
transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from bridge.billing import asking, carts, hooked, purchased, settling, telling
from bridge.billing.asking import Answer
from bridge.billing.hooked import What
from bridge.billing.settling import FREE
from bridge.commands import Order, Told
from bridge.keys import hashed
from bridge.store import customers, floats, shop_orders
from bridge.store.shop_orders import Kind, State
from provisioning.core.events import Event, Type

UNPAID = {Type.CHANGE, Type.TERMINATE, Type.REINSTATE}
"""What a customer may say that takes no money."""
WAITS_FOR = {
    State.ASKED: "an admin to agree; wait for that",
    State.OPEN: "its money; pay it",
}
MOST_OPEN = 20
"""Orders of one client that wait for their money: nobody's hide those of others."""


def _order(
    tx: sa.Connection, at: datetime, order: str, source: str, client: str,
    customer: str, quote: str, kind: str, service: str, said: Told,
    lines: Sequence[Told], amount: str, currency: str, method: str,
    payer: Mapping[str, str], base: str | None = None, cart: str | None = None,
    automatic: bool | None = None,
) -> Told:  # fmt: skip
    """Ordered by a price that was promised: once, whoever presses how often.

    *base*: what it costs the reseller; left out, as much. *cart*: the way by which the
    platform behind the shop gets it into its own cart, and then bills it. *automatic*:
    whether what it pays for renews itself from then on (C4); left out, as it was.

    What costs nothing is confirmed by being ordered (I2). Such a plan is a client's
    once, by whatever promise: or anybody takes as many accounts as he likes. A trial's
    *quote* names its family: that is tried once (D14).
    """
    # What he is called may have changed since his page was asked for.
    client = customers.client(tx, customer) or client
    sum_ = Decimal(amount)
    if not sum_ and kind == Kind.NEW and not said.get("trial"):
        quote = _free(tx, client, said["product"])
    state = State.ASKED if said.get("asks") else State.OPEN
    new = shop_orders.add(
        tx, state, id=order, source=source, client=client, customer=customer,
        quote=quote, kind=Kind(kind), service=service, said=said, lines=list(lines),
        amount=sum_,
        base=sum_ if base is None else Decimal(base),
        currency=currency, method=method, payer=dict(payer), automatic=automatic,
        made_at=at,
    )  # fmt: skip
    if not new:
        before = shop_orders.of_quote(tx, source, quote)
        waits = shop_orders.under_way(tx, service) if before is None else None
        if waits:
            raise LookupError(
                f"order {waits.id} of {service} waits for {WAITS_FOR[waits.state]}; or"
                " call it off, before another change of the same service is ordered"
            )
        if before is None or before.client != client:
            raise LookupError("this price was promised to somebody else")
        return {"order": before.id, "new": False}
    if shop_orders.open_of(tx, client) > MOST_OPEN:
        raise LookupError(
            f"{MOST_OPEN} orders wait for their money already; pay one or call one off"
        )
    if state is State.ASKED:
        return {"order": order, "new": True}
    placed = settling.waiting(tx, order)
    hooked.tell(tx, What.PLACED, placed, at)
    if cart:
        carts.hand_over(tx, order, cart, at)
    elif not sum_ and not settling.lacks(tx, placed, customer, at):
        held = settling.settled(tx, placed, customer, FREE, at)
        if held:
            raise LookupError(f"{held}; look at it anew")
    return {"order": order, "new": True}


def _free(tx: sa.Connection, client: str, product: str) -> str:
    """The one promise by which he has it; another, where that was called off."""
    before = shop_orders.given(tx, client, product)
    held = next((one for one in before if one.state is not State.CANCELLED), None)
    if held:
        return held.quote
    return hashed(" ".join((f"{FREE}: {client} {product}", *(o.id for o in before))))


def _approve(
    tx: sa.Connection, at: datetime, order: str, by: str, because: str, channel: str
) -> Told:
    """An admin agrees: now it is to be paid, and its customer is mailed so."""
    found = settling.waiting(tx, order, State.ASKED)
    if not found.amount:
        floats.lock(tx, found.source)  # Before its order: see there.
    shop_orders.lock(tx, found.service)
    if why := purchased.stale(tx, found, at):
        raise LookupError(f"{why}; decline it, so that it is asked for anew")
    agreed = {"by": by, "because": because, "at": at.isoformat()}
    shop_orders.agree(tx, found, agreed)
    asking.tell(tx, Answer.AGREED, found, channel, at)
    found = settling.waiting(tx, order)
    hooked.tell(tx, What.PLACED, found, at)
    held = None
    if not found.amount:
        held = settling.lacks(tx, found, by, at)
        held = held or settling.settled(tx, found, by, FREE, at)
    state = State.OPEN if found.amount else State.HELD if held else State.PAID
    return {"order": order, "state": state.value, "held": held}


def _decline(
    tx: sa.Connection, at: datetime, order: str, by: str, because: str, channel: str
) -> Told:
    """Nothing was paid and nothing changes; its customer is mailed why."""
    found, no = settling.waiting(tx, order, State.ASKED), State.DECLINED
    shop_orders.settle(tx, order, no, by, because, at, was=State.ASKED)
    asking.tell(tx, Answer.DECLINED, found, channel, at)
    return {"order": order, "state": no.value}


def _cancel(tx: sa.Connection, at: datetime, order: str, by: str, because: str) -> Told:
    """Before it is paid; what is paid is paid back at its platform."""
    found = settling.waiting(tx, order, State.OPEN, State.ASKED)
    carts.call_off(tx, found, at)
    shop_orders.settle(tx, order, State.CANCELLED, by, because, at, was=found.state)
    if found.state is State.OPEN:
        hooked.tell(tx, What.CANCELLED, found, at)
    return {"order": order, "cancelled": True}


def _payer(
    tx: sa.Connection, _: datetime, order: str, payer: Mapping[str, str]
) -> Told:
    """Who pays it (C5), as long as nobody did."""
    shop_orders.become(tx, order, payer)
    return {"order": order}


def _say(
    tx: sa.Connection, at: datetime, event: str, source: str, client: str,
    service: str, type: str, said: Told,  # noqa: A002 - as an event calls it
    because: str | None = None,  # noqa: ARG001 - the audit keeps it
) -> Told:  # fmt: skip
    """What takes no money: what comes with the next period, or that none does.

    *event*: what it is known by; the same is said once.
    """
    if Type(type) not in UNPAID:
        raise LookupError(f"{type} is told by what was paid, and by nothing else")
    extras = said.get("extras")
    word = Event(
        id=event,
        source=source,
        type=type,
        occurred_at=at,
        client=client,
        service=service,
        product=said.get("product"),
        quantity=said.get("quantity"),
        extras=None if extras is None else telling.extras_of(extras),
        at_period_end=bool(said.get("at_period_end")),
    )
    telling.keep(
        tx, source, event, {"type": type, "service": service, **said}, (word,), at
    )
    return {"event": event}


ORDERS: Mapping[str, Order] = {
    "shop.order": _order,
    "shop.paid": settling.paid,
    "shop.done": settling.done,
    "shop.back": settling.back,
    "shop.approve": _approve,
    "shop.decline": _decline,
    "shop.cancel": _cancel,
    "shop.payer": _payer,
    "shop.say": _say,
}
