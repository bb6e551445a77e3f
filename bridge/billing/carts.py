"""Orders of a shop behind which a platform bills: handed over to its cart, and heard of
from there.

Nothing is credited or set up here. What the platform tells of the service it sold goes
the way of every event; the order only hears that it came.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from bridge.access.customers import Standing
from bridge.billing import hooked
from bridge.billing.hooked import What
from bridge.config import Shop
from bridge.config.carts import numbers
from bridge.platforms.whmcs import native
from bridge.store import (
    customers,
    handed,
    operations,
    outbox,
    shop_orders,
    whereabouts,
)
from bridge.store.database import Database
from bridge.store.lanes import INTAKE
from bridge.store.operations import Operation
from bridge.store.outbox import Delivery, Needless, NotYet
from bridge.store.shop_orders import ShopOrder, State
from provisioning.core.events import Type
from provisioning.core.money import text
from provisioning.core.outcomes import Later, Refused

log = logging.getLogger(__name__)

CART, OFF = "cart", "cart_off"
"""What is sent; the first is the way to pay, too."""

TICK, EVERY = "carts", timedelta(seconds=30)
SOON = timedelta(seconds=5)
BACK = timedelta(days=90)
"""How old an order may be that was given up, or called off here and not there, and is
looked for all the same."""

RACED = timedelta(days=3)
"""So long after it was called off there, too, it may turn out that it was paid by
then."""

DIFFERS = "price differs"
"""How the reason begins, where the platform would invoice another sum."""

HEARD = "its platform had it set up"
LATE = f"{HEARD}; handing it over had been given up"
THOUGH_OFF = f"{HEARD}; it had been called off here"
SOLD = (Type.ACTIVATE, Type.RENEWED)
"""What a platform tells of a service that was paid."""


class Handing(StrEnum):
    """How far an order is on its way into the platform's cart."""

    UNDER_WAY = "under way"
    AWAY = "away"
    """The platform does not answer; it is tried again."""

    DIFFERS = "differs"
    STOPPED = "stopped"
    """A person has to look at it."""

    THERE = "there"


def hand_over(tx: sa.Connection, order: str, channel: str, at: datetime) -> None:
    """Once, by its key; it is kept and sent only if the order is."""
    said = {"type": CART, "order": order}
    outbox.enqueue(tx, f"{CART}:{order}", channel, said, at)


def call_off(tx: sa.Connection, order: ShopOrder, at: datetime) -> None:
    """LookupError, where it was paid there meanwhile."""
    sent = delivery(tx, order)
    if sent is None:
        return
    if heard(tx, order):
        raise LookupError(f"order {order.id} is paid already, at its platform")
    said = {"type": OFF, "order": order.id}
    outbox.enqueue(tx, f"{OFF}:{order.id}", sent.channel, said, at)


def handing(tx: sa.Connection, order: ShopOrder) -> Handing | None:
    """None, where it goes into no cart."""
    sent = delivery(tx, order)
    if sent is None:
        return None
    if order.handed:
        return Handing.THERE
    if sent.state is outbox.State.WAITING:
        return Handing.AWAY if sent.tries else Handing.UNDER_WAY
    differs = (sent.said or "").startswith(DIFFERS)
    return Handing.DIFFERS if differs else Handing.STOPPED


def delivery(tx: sa.Connection, order: ShopOrder) -> Delivery | None:
    """That hands it over. Why it is not, in words for staff, is what it says."""
    return outbox.keyed(tx, f"{CART}:{order.id}")


def heard(tx: sa.Connection, order: ShopOrder) -> list[Operation]:
    """What its platform told of the service that it sold for it."""
    if order.handed is None:
        return []
    account = whereabouts.of_service(tx, order.service)
    lanes = [INTAKE + order.service, *([account] if account else [])]
    return operations.of_service(tx, lanes, order.service, SOLD)


def look(database: Database, at: datetime) -> None:
    """Settles the orders whose platform had them set up; also one that was called off
    here as it was paid there: its word holds. Later, where one of them could not be:
    the others are."""
    with database.read() as tx:
        found = handed.told(
            tx, Type.ACTIVATE, f"{OFF}:", called_off=at - RACED, made=at - BACK
        )
    failed = [o.id for o, event in found if not _settled(database, o, event, at)]
    if failed:
        raise Later(
            f"{len(failed)} orders of which their platform told could not be settled,"
            f" {failed[0]} the first; the log says why"
        )


def _settled(database: Database, order: ShopOrder, event: str, at: datetime) -> bool:
    """Whether that went well, by whomever."""
    try:
        with database.change() as tx:
            is_news = _settle(tx, order, event, at)
    except Exception:
        log.exception("order %s could not be settled", order.id)
        return False
    if is_news and order.state is State.CANCELLED:
        log.warning(
            "order %s was called off here, and is paid at %s", order.id, order.source
        )
    return True


def _settle(tx: sa.Connection, order: ShopOrder, event: str, at: datetime) -> bool:
    """Whether nobody else did, who is waited for."""
    shop_orders.lock(tx, order.service)
    now, sent = shop_orders.one(tx, order.id), delivery(tx, order)
    if now is None or now.state is not order.state:
        return False
    why = LATE if sent and sent.state is outbox.State.WITHDRAWN else HEARD
    why = THOUGH_OFF if order.state is State.CANCELLED else why
    shop_orders.settle(
        tx, order.id, State.PAID, order.source, why, at, event, was=order.state
    )
    hooked.tell(tx, What.PAID, order, at)
    hooked.tell(tx, What.CHANGED, order, at)
    return True


def given_up(
    tx: sa.Connection, channels: Collection[str], at: datetime
) -> list[tuple[ShopOrder, Delivery]]:
    """Those that may be there all the same, with the message that did not hand them
    over or call them off."""
    return handed.failed(tx, channels, (f"{CART}:", f"{OFF}:"), at - BACK)


def found(tx: sa.Connection, id_: str, told: Mapping[str, str], at: datetime) -> bool:
    """It is there, as it was asked for after its message had been given up: that is not
    to be sent any more. Whether nobody else handed it over, or does just now."""
    order = shop_orders.one(tx, id_)
    sent = delivery(tx, order) if order else None
    if order is None or sent is None or order.handed:
        return False
    if sent.state is outbox.State.WAITING:
        return False
    outbox.withdraw(tx, [sent.key], at)
    kept(tx, {"order": id_, "handed": told}, at)
    return True


def kept(tx: sa.Connection, told: Mapping[str, Any], _at: datetime) -> None:
    """What it is there; and its client is from now on the platform's, by whose name all
    that is told of him comes."""
    there = told["handed"]
    order = shop_orders.one(tx, str(told["order"]))
    if order is None:
        return
    source, client = order.source, order.client
    handed.hand(tx, order.id, f"{source}:{there['service']}", there)
    theirs = f"{source}:{there['client']}"
    # Once it is the platform's it stays: his accounts are under that name.
    if native(client) is None and not customers.is_others(tx, theirs, client):
        customers.move(tx, client, theirs)


@dataclass(frozen=True, slots=True)
class CartLetter:
    """What is ordered there, made up as it is sent."""

    database: Database
    sources: Mapping[str, Mapping[str, Any]] = field(repr=False)
    shops: Mapping[str, Shop]

    def place(self, held: Delivery, _at: datetime) -> Mapping[str, Any]:
        with self.database.read() as tx:
            order = _order(tx, held)
            if order.state is not State.OPEN:
                raise Needless("it was called off")
            said = self._whose(tx, order)
        table, what = self.sources[order.source], order.said
        products = numbers(table.get("products", {})).get(what["product"], [])
        if len(products) != 1:
            raise Refused(
                f"{what['product']} is not one product of WHMCS; see products of source"
                f' "{order.source}", then retry this delivery'
            )
        return said | {
            "type": CART,
            "product": products[0],
            "cycle": what["cycle"],
            "quantity": what["quantity"],
            "extras": dict(what["extras"]),
            "options": dict(table.get("options", {})),
            "amount": text(order.amount),
            "payer": dict(order.payer),
        }

    def sought(self, order: ShopOrder) -> Mapping[str, Any]:
        """What is to be known to look for it."""
        with self.database.read() as tx:
            return self._whose(tx, order) | {"amount": text(order.amount)}

    def off(self, held: Delivery, _at: datetime) -> Mapping[str, Any]:
        """Once nobody is putting it there any more."""
        with self.database.read() as tx:
            order = _order(tx, held)
            sent = delivery(tx, order)
            if sent and sent.state is outbox.State.WAITING:
                raise NotYet(SOON)
            return self._named(order) | {"type": OFF}

    def _whose(self, tx: sa.Connection, order: ShopOrder) -> dict[str, Any]:
        """By the address that its first owner has proved: what is typed with an order
        may be anybody's."""
        owners = [
            one
            for one in customers.people(tx, order.client)
            if one.role is Standing.OWNER and one.proved_at
        ]
        if not owners:
            raise Refused(f"client {order.client} has no owner at its shop any more")
        return self._named(order) | {
            "email": owners[0].email,
            "name": owners[0].name,
            "by_owner": order.customer == owners[0].id,
            "is_others": partial(self._is_others, order.id),
            "currency": order.currency,
        }

    def _named(self, order: ShopOrder) -> dict[str, Any]:
        host = urlsplit(self.shops[order.source].url).hostname
        return {
            "order": order.id,
            "mark": f"{order.id.replace('_', '-')}.{host}",
            "client": native(order.client),
        }

    def _is_others(self, id_: str, client: str) -> bool:
        """Whether a client there is somebody else at the shop: by now, as another
        order of his may have been handed over meanwhile."""
        with self.database.read() as tx:
            order = shop_orders.one(tx, id_)
            theirs = f"{order.source}:{client}" if order else ""
            return order is None or customers.is_others(tx, theirs, order.client)


def _order(tx: sa.Connection, held: Delivery) -> ShopOrder:
    found = shop_orders.one(tx, str(held.content["order"]))
    if found is None:
        raise Needless("there is no such order")
    return found
