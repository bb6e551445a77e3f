"""What a reseller's own system is told of his shop: signed webhooks, each once by its
key.

It is noted in the transaction that brought it about, and written when it is sent. Where
a source has no hook, nobody needs it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bridge import panels
from bridge.editions import Editions
from bridge.store import (
    accounts,
    operations,
    outbox,
    shop_orders,
    standing,
    whereabouts,
)
from bridge.store.database import Database
from bridge.store.drafts import Writes
from bridge.store.outbox import Delivery, Needless, NotYet
from bridge.store.shop_orders import ShopOrder
from provisioning.core.account import Account
from provisioning.core.heard import Fate
from provisioning.core.money import text
from provisioning.core.news import News, Topic

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
    """What was paid is in effect, or what came about without an order."""


STATES = {What.PLACED: "open", What.PAID: "paid", What.CANCELLED: "cancelled"}
"""Of the order by then, whatever became of it since."""


EFFECTS = {Topic.SUSPENDED, Topic.RESUMED, Topic.REVOKED, Topic.ENDED, Topic.CHANGED,
           Topic.TURNED, Topic.COUPON_STARTED, Topic.COUPON_ENDED}  # fmt: skip
"""What a service is another by, whoever brought it about."""

PAID = "paid"
"""Why it changed, where an order did it; else by the names of the effects."""

WORD = re.compile(r"/word-(\d+)")


def channel(source: str) -> str:
    return f"hook:{source}"


def tell(tx: sa.Connection, what: What, order: ShopOrder, at: datetime) -> None:
    said = {"type": HOOK, "what": what.value, "order": order.id}
    outbox.enqueue(tx, f"{what}:{order.id}", channel(order.source), said, at)


def tell_effect(
    tx: Writes, key: str, account: Account, news: News, at: datetime
) -> None:  # fmt: skip
    """*key*: names what it tells."""
    said = {
        "type": HOOK, "what": What.CHANGED.value, "account": account.id,
        "service": news.service, "why": news.topic.value, "of": news.of,
    }  # fmt: skip
    way = channel(account.source)
    outbox.add(tx, key, way, said, at)


def told(order: ShopOrder) -> dict[str, Any]:
    """An order as programs of others read it."""
    same = ("id", "source", "client", "customer", "service", "amount", "base",
            "currency", "method", "made_at", "settled_at", "because",
            "held_for")  # fmt: skip
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
            known = "account" in held.content
            data = (self._effect if known else self._of_order)(tx, held, what, at)
        return {
            "type": what.value,
            "timestamp": held.made_at.isoformat(),
            "data": {name: _plain(value) for name, value in data.items()},
        }

    def _of_order(
        self, tx: sa.Connection, held: Delivery, what: What, at: datetime
    ) -> dict[str, Any]:
        order = shop_orders.one(tx, str(held.content["order"]))
        if order is None or order.source not in self.hooks:
            raise Needless("there is no such order, or its source has no hook")
        if what is What.CHANGED:
            self._is_over(tx, order, at - held.made_at)
            id_ = whereabouts.of_service(tx, order.service) or ""
            said = {"order": order.id, "why": PAID}
            return said | self._service(tx, id_, order.service, at)
        data = told(order) | {"state": STATES[what], "held_for": None}
        if what is What.PLACED:
            data |= {"settled_at": None, "because": None}
        return data

    def _effect(
        self, tx: sa.Connection, held: Delivery, _: What, at: datetime
    ) -> dict[str, Any]:
        """Once it is done at the backend; what an order did, that order tells."""
        said, word = held.content, WORD.search(str(held.content["of"]))
        arrival = int(word[1]) if word else None
        if said["why"] == Topic.CHANGED and arrival and _by_order(tx, arrival):
            raise Needless("its order tells it")
        done = arrival is None or standing.is_done(tx, arrival)
        if not (done and standing.is_in_line(tx, str(said["account"]), at)):
            raise _later(at - held.made_at)
        told_ = self._service(tx, str(said["account"]), str(said["service"]), at)
        return {"order": None, "why": said["why"]} | told_

    def _is_over(self, tx: sa.Connection, order: ShopOrder, since: timedelta) -> None:
        events = [order.event] if order.event else []
        found = operations.of_events(tx, order.source, events)
        if found and all(one.fate in OVER for one in found):
            return
        raise _later(since)

    def _service(
        self, tx: sa.Connection, id_: str, ref: str, at: datetime
    ) -> dict[str, Any]:
        account = accounts.load(tx, id_)
        service = account.service(ref) if account else None
        if account is None or service is None or account.source not in self.hooks:
            raise Needless("what changed is no service, or its source has no hook")
        now = self.editions.now(tx, [service])
        seen = panels.seen(account, service, now, at, live=account.remote is not None)
        return {
            "client": account.client,
            "service": ref,
            "plan": service.package,
            "quantity": service.quantity,
            "state": seen["status"],
        }


def _by_order(tx: sa.Connection, arrival: int) -> bool:
    """Whether that word is the payment of an order of a shop."""
    event = operations.event_named(tx, arrival) or ""
    return shop_orders.one(tx, event.partition("/")[0]) is not None


def _later(since: timedelta) -> Needless | NotYet:
    if since > AT_ALL:
        return Needless("it never ended, and is looked at no longer")
    return NotYet(max(SOON, since / 4))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return text(value)
    return value.isoformat() if isinstance(value, datetime) else value
