"""What a shop's order tells once it is paid, as any platform would tell it.

A shop has no second road to a backend: under the order's own name it goes the way of
every event.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from bridge import whose
from bridge.billing import hooked, purchased
from bridge.billing.hooked import What
from bridge.keys import OPERATION, random_name
from bridge.store import arrivals, customers, facts, renewals, shop_orders
from bridge.store.arrivals import Arrival, Named
from bridge.store.shop_orders import ShopOrder, State
from provisioning.core.events import Event, Type
from provisioning.core.renewals import renews


def tell(
    tx: sa.Connection, order: ShopOrder, by: str, because: str, at: datetime
) -> None:
    changes = order.kind in shop_orders.CHANGES
    said = purchased.events(tx, order, at) if changes else (_event(tx, order, at),)
    keep(tx, order.source, order.id, {"order": order.id, **order.said}, said, at)
    shop_orders.settle(
        tx, order.id, State.PAID, by, because, at, order.id, was=order.state
    )
    if order.automatic is not None:
        renewals.choose(
            tx, order.service, order.source, order.automatic, order.customer,
            order.made_at,
        )  # fmt: skip
    hooked.tell(tx, What.PAID, order, at)
    hooked.tell(tx, What.CHANGED, order, at)


def keep(
    tx: sa.Connection, source: str, delivery: str, said: Mapping[str, Any],
    events: Sequence[Event], at: datetime,
) -> None:  # fmt: skip
    kept = json.dumps(said, sort_keys=True)
    named = tuple(Named(one, OPERATION + random_name(16)) for one in events)
    digest = sha256(kept.encode()).hexdigest()
    arrived = Arrival(source, delivery, digest, kept, named, at)
    [taken] = arrivals.keep(tx, [arrived], whose.homes)
    if isinstance(taken, Exception):
        raise LookupError(  # noqa: TRY004 - Reused is what it is
            f"{delivery} was told already, and otherwise"
        )


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
        extras=extras_of(extras) if extras else None,
        currency=order.currency,
        line=f"{order.source}:{order.id}" if order.amount else None,
        invoice=order.id,
        starts=starts,
        ends=ends,
        trial=bool(said.get("trial")),
        group=said.get("group"),
        email=buyer.email if buyer else None,
    )


def extras_of(written: Sequence[Sequence[Any]]) -> tuple[tuple[str, int], ...]:
    return tuple((str(name), int(many)) for name, many in written)


def _first_said(tx: sa.Connection, order: ShopOrder, at: datetime) -> datetime:
    """What was ordered before a backup that was restored may have been confirmed after
    it, and be done: it counts as told then, so that this is looked at."""
    restored = facts.restored(tx)
    return order.made_at if restored and order.made_at <= restored.at else at
