"""What is ordered at a shop and what its payment tells: by name, each one transaction.

A shop has no second road to a backend. What was paid is told as any platform would tell
it, under the order's own name, and goes the way of every event.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from bridge import binding, hooked
from bridge.hooked import What
from bridge.keys import OPERATION, hashed, random_name
from bridge.store import arrivals, customers, facts, shop_orders
from bridge.store.arrivals import Arrival, Named
from bridge.store.shop_orders import Kind, ShopOrder, State
from provisioning.core.events import Event, Type
from provisioning.core.renewals import renews

Told = dict[str, Any]
FREE = "nothing is to be paid for it"
MOST_OPEN = 20
"""Orders of one client that wait for their money: nobody's hide those of others."""


def _order(
    tx: sa.Connection, at: datetime, order: str, source: str, client: str,
    customer: str, quote: str, kind: str, service: str, said: Told,
    lines: Sequence[Told], amount: str, currency: str, method: str,
    payer: Mapping[str, str], base: str | None = None,
) -> Told:  # fmt: skip
    """Ordered by a price that was promised: once, whoever presses how often.

    *base*: what it costs the reseller; left out, as much.

    What costs nothing is confirmed by being ordered (I2). Such a plan is a client's
    once, by whatever promise: or anybody takes as many accounts as he likes.
    """
    sum_ = Decimal(amount)
    if not sum_ and kind == Kind.NEW:
        quote = hashed(f"{FREE}: {client} {said['product']}")
    new = shop_orders.add(
        tx, id=order, source=source, client=client, customer=customer, quote=quote,
        kind=Kind(kind), service=service, said=said, lines=list(lines), amount=sum_,
        base=sum_ if base is None else Decimal(base),
        currency=currency, method=method, payer=dict(payer), made_at=at,
    )  # fmt: skip
    if not new:
        before = shop_orders.of_quote(tx, source, quote)
        if before is None or before.client != client:
            raise LookupError("this price was promised to somebody else")
        return {"order": before.id, "new": False}
    if shop_orders.open_of(tx, client) > MOST_OPEN:
        raise LookupError(
            f"{MOST_OPEN} orders wait for their money already; pay one or call one off"
        )
    hooked.tell(tx, What.PLACED, _waiting(tx, order), at)
    if not sum_:
        _settled(tx, order, customer, FREE, at)
    return {"order": order, "new": True}


def _paid(tx: sa.Connection, at: datetime, order: str, by: str, because: str) -> Told:
    """Its money is there, as *by* says; *because*: how that is known."""
    _settled(tx, order, by, because, at)
    return {"order": order, "paid": True}


def _cancel(tx: sa.Connection, at: datetime, order: str, by: str, because: str) -> Told:
    """Before it is paid; what is paid is paid back at its platform."""
    found = _waiting(tx, order)
    shop_orders.settle(tx, order, State.CANCELLED, by, because, at)
    hooked.tell(tx, What.CANCELLED, found, at)
    return {"order": order, "cancelled": True}


def _settled(
    tx: sa.Connection, order: str, by: str, because: str, at: datetime
) -> None:
    found = _waiting(tx, order)
    event = _event(tx, found, at)
    kept = json.dumps({"order": found.id, **found.said}, sort_keys=True)
    named = Named(event, OPERATION + random_name(16))
    digest = sha256(kept.encode()).hexdigest()
    arrived = Arrival(found.source, event.id, digest, kept, (named,), at)
    [taken] = arrivals.keep(tx, [arrived], binding.homes)
    if isinstance(taken, Exception):
        raise LookupError(  # noqa: TRY004 - Reused is what it is
            f"order {order} was told already, and otherwise"
        )
    shop_orders.settle(tx, order, State.PAID, by, because, at, event.id)
    hooked.tell(tx, What.PAID, found, at)
    hooked.tell(tx, What.CHANGED, found, at)


def _waiting(tx: sa.Connection, order: str) -> ShopOrder:
    found = shop_orders.one(tx, order)
    if found is None:
        raise LookupError(f"there is no order {order}")
    if found.state is not State.OPEN:
        raise LookupError(f"order {order} is {found.state} already")
    return found


def _event(tx: sa.Connection, order: ShopOrder, at: datetime) -> Event:
    """What its payment means. The period begins as it is paid, not as it was ordered
    (P7)."""
    said = order.said
    buyer = customers.one(tx, order.customer)
    starts = at if said.get("cycle") else None
    ends = renews(at, said["cycle"], 1, said["zone"]) if said.get("cycle") else None
    extras = said.get("extras")
    return Event(
        id=order.id,
        source=order.source,
        type=Type(said["type"]),
        occurred_at=_first_said(tx, order, at),
        client=order.client,
        service=order.service or None,
        target=said.get("target"),
        product=said.get("product"),
        quantity=said.get("quantity"),
        extras=tuple((str(n), int(many)) for n, many in extras) if extras else None,
        currency=order.currency,
        line=f"{order.source}:{order.id}" if order.amount else None,
        invoice=order.id,
        starts=starts,
        ends=ends,
        trial=bool(said.get("trial")),
        group=said.get("group"),
        email=buyer.email if buyer else None,
    )


def _first_said(tx: sa.Connection, order: ShopOrder, at: datetime) -> datetime:
    """What was ordered before a backup that was restored may have been confirmed after
    it, and be done: it counts as told then, so that this is looked at."""
    restored = facts.restored(tx)
    return order.made_at if restored and order.made_at <= restored.at else at


ORDERS: Mapping[str, Callable[..., Told]] = {
    "shop.order": _order,
    "shop.paid": _paid,
    "shop.cancel": _cancel,
}
