"""Orders of shops that are, or were to be, in the cart of a platform."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from bridge.store import outbox
from bridge.store.lanes import INTAKE
from bridge.store.outbox import Delivery
from bridge.store.shop_orders import ShopOrder, State, seen
from bridge.store.tables import delivery, operation, service, shop_order


def hand(tx: sa.Connection, id_: str, ref: str, told: Mapping[str, str]) -> None:
    """Its platform has it in its cart, and calls what it sold so."""
    mine = sa.update(shop_order).where(shop_order.c.id == id_)
    tx.execute(mine.values(service=ref, handed=dict(told)))


def told(
    tx: sa.Connection, type_: str, off: str, called_off: datetime, made: datetime
) -> list[tuple[ShopOrder, str]]:
    """Those that wait and of whose service such an event came, each with its first.

    With those that were called off since that moment; or before it, made since the
    other and not called off there by now, whose message's key begins with *off*.
    """
    c, o = shop_order.c, operation.c
    undone = (
        sa.exists()
        .where(delivery.c.key == sa.literal(off) + c.id)
        .where(delivery.c.state.not_in(outbox.OVER))
    )
    since = sa.or_(c.settled_at >= called_off, sa.and_(c.made_at >= made, undone))
    may_be = sa.or_(c.state == State.OPEN, sa.and_(c.state == State.CANCELLED, since))
    # From the few orders to their events. By the bare column SQLite would go the other
    # way: through all events there are, to the orders of each one's service.
    ref = sa.literal("") + c.service
    of_it = sa.and_(o.service == ref, o.type == type_)
    each = sa.select(c.id, o.event, o.id.label("no")).where(
        c.handed.is_not(None), c.event.is_(None), may_be
    )
    found = sa.union_all(
        each.join(operation, sa.and_(o.lane == sa.literal(INTAKE) + c.service, of_it)),
        each.join(service, service.c.ref == ref).join(
            operation, sa.and_(o.lane == service.c.account, of_it)
        ),
    )
    first: dict[str, str] = {}
    for row in tx.execute(found.order_by("no")):
        first.setdefault(row.id, row.event)
    mine = _those(tx, c.id.in_(first)) if first else []
    return [(one, first[one.id]) for one in mine]


def failed(
    tx: sa.Connection, channels: Collection[str], keys: Collection[str], made: datetime
) -> list[tuple[ShopOrder, Delivery]]:
    """Those made since then that are in no cart we know of, where a message about them
    was refused or given up: its key is one of these, and the order."""
    c, d = shop_order.c, delivery.c
    lost = sa.select(delivery).where(
        sa.text("state IN ('refused', 'given up')"),
        d.channel.in_(channels),
        sa.or_(*(d.key.startswith(key, autoescape=True) for key in keys)),
    )  # fmt: skip
    by_order = {one.key.partition(":")[2]: one for one in outbox.read(tx, lost)}
    waits = c.state.in_((State.OPEN, State.CANCELLED))
    mine = sa.and_(
        c.id.in_(by_order), c.handed.is_(None), c.made_at >= made, waits
    )  # fmt: skip
    return [(one, by_order[one.id]) for one in _those(tx, mine)]


def _those(tx: sa.Connection, which: sa.ColumnElement[bool]) -> list[ShopOrder]:
    """The oldest first."""
    c = shop_order.c
    query = sa.select(shop_order).where(which).order_by(c.made_at, c.id)
    return [seen(row) for row in tx.execute(query)]
