"""What a reseller's own system is told of his shop: signed webhooks, each once by its
key.

It is noted in the transaction that brought it about, and written when it is sent. Where
a source has no hook, nobody needs it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bridge import panels
from bridge.editions import Editions
from bridge.store import accounts, operations, outbox, shop_orders, whereabouts
from bridge.store.database import Database
from bridge.store.outbox import Delivery, Needless, NotYet
from bridge.store.shop_orders import ShopOrder
from provisioning.core.heard import Fate
from provisioning.core.money import text

HOOK = "shop_hook"
"""How one is called in the outbox."""

SOON = timedelta(seconds=15)
AT_ALL = timedelta(days=60)
"""How long something is looked at that never ends."""

OVER = {Fate.DONE, Fate.SUPERSEDED}


class What(StrEnum):
    PLACED = "order.placed"
    PAID = "order.paid"
    CANCELLED = "order.cancelled"
    CHANGED = "service.changed"
    """What was paid is in effect."""


STATES = {What.PLACED: "open", What.PAID: "paid", What.CANCELLED: "cancelled"}
"""Of the order by then, whatever became of it since."""


def channel(source: str) -> str:
    return f"hook:{source}"


def tell(tx: sa.Connection, what: What, order: ShopOrder, at: datetime) -> None:
    said = {"type": HOOK, "what": what.value, "order": order.id}
    outbox.enqueue(tx, f"{what}:{order.id}", channel(order.source), said, at)


def told(order: ShopOrder) -> dict[str, Any]:
    """An order as programs of others read it."""
    same = ("id", "source", "client", "customer", "service", "amount", "base",
            "currency", "method", "made_at", "settled_at", "because")  # fmt: skip
    return {name: getattr(order, name) for name in same} | {
        "kind": order.kind.value,
        "state": order.state.value,
        "what": order.said.get("product"),
        "lines": [{name: line[name] for name in LINE} for line in order.lines],
    }


LINE = ("name", "kind", "quantity", "unit_price", "amount")


@dataclass(frozen=True, slots=True)
class HookLetter:
    database: Database
    editions: Editions
    hooks: Collection[str]
    """The sources that have one."""

    def __call__(self, held: Delivery, at: datetime) -> Mapping[str, Any]:
        what = What(str(held.content["what"]))
        with self.database.read() as tx:
            order = shop_orders.one(tx, str(held.content["order"]))
            if order is None or order.source not in self.hooks:
                raise Needless("there is no such order, or its source has no hook")
            if what is What.CHANGED:
                self._is_over(tx, order, at - held.made_at)
                data = self._service(tx, order, at)
            else:
                data = told(order) | {"state": STATES[what]}
        if what is What.PLACED:
            data |= {"settled_at": None, "because": None}
        return {
            "type": what.value,
            "timestamp": held.made_at.isoformat(),
            "data": {name: _plain(value) for name, value in data.items()},
        }

    def _is_over(self, tx: sa.Connection, order: ShopOrder, since: timedelta) -> None:
        events = [order.event] if order.event else []
        found = operations.of_events(tx, order.source, events)
        if found and all(one.fate in OVER for one in found):
            return
        if since > AT_ALL:
            raise Needless("it never ended, and is looked at no longer")
        raise NotYet(max(SOON, since / 4))

    def _service(
        self, tx: sa.Connection, order: ShopOrder, at: datetime
    ) -> dict[str, Any]:
        account = accounts.load(tx, whereabouts.of_service(tx, order.service) or "")
        service = account.service(order.service) if account else None
        if account is None or service is None:
            raise Needless("what it bought is no service")
        now = self.editions.now(tx, [service])
        seen = panels.seen(account, service, now, at, live=account.remote is not None)
        return {
            "order": order.id,
            "client": order.client,
            "service": order.service,
            "plan": service.package,
            "quantity": service.quantity,
            "state": seen["status"],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return text(value)
    return value.isoformat() if isinstance(value, datetime) else value
