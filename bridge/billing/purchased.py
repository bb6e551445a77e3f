"""What the payment of a change or a renewal tells, and whether it is still what was
priced.

Its price was reckoned from how the service was. Where that is another by now, nothing
is told by itself: the money is noted, and somebody says what becomes of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.store import accounts, operations, shop_orders, whereabouts
from bridge.store.shop_orders import Kind, ShopOrder
from provisioning.core import acting, lifecycle
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.digest import digest
from provisioning.core.events import Event, Type
from provisioning.core.heard import Fate
from provisioning.core.quote import Quote
from provisioning.core.renewals import runs_until

UNHEARD = {Fate.ACCEPTED, Fate.PARKED}
"""It may count yet, and does not."""

CHANGED = "its service is not any more what it was when this was priced"
ENDED = "what it was reckoned for is over"


def said(
    account: Account, service: Service, catalog: Catalog, offer: Quote, type_: Type,
    *, begins: bool,
) -> dict[str, Any]:  # fmt: skip
    """What the order of a change or a renewal keeps. *begins*: a period, with it."""
    choice = offer.choice
    tried = acting.tried_until(account, service, catalog)
    until = acting.along(account, service, catalog).paid_until or tried
    return {
        "type": type_.value,
        "product": choice.package,
        "quantity": choice.quantity,
        "extras": [list(extra) for extra in choice.extras],
        "cycle": choice.cycle,
        "zone": catalog.terms.zone,
        "basis": basis(account, service),
        "begins": choice.cycle if begins else None,
        "at_once": type_ is Type.CHANGE and offer.starts == offer.at,
        "until": until and until.isoformat(),
    }


def lines(offer: Quote) -> list[dict[str, Any]]:
    """What an order is made of, as it was shown."""
    return [
        {
            "name": line.position.name,
            "kind": line.position.kind.value,
            "quantity": line.position.quantity,
            "unit_price": str(line.position.unit_price.amount),
            "amount": str(line.amount.amount),
            "way": line.way.value,
        }
        for line in offer.lines
    ]


def basis(account: Account, service: Service) -> str:
    """All that a price of a change or a renewal is reckoned from, in short."""
    coming, trial = service.next, account.trial(service.ref)
    to_come = coming and not coming.turned
    ends = lifecycle.ending(service, trial.ends if trial else None)
    known = (
        (service.package, service.quantity, service.extras, service.version),
        tuple(sorted((p.no, p.starts, p.ends) for p in service.periods)),
        (coming.package, coming.quantity, coming.extras) if coming and to_come else (),
        (service.alive, ends, trial and trial.ends, account.group),
    )
    return digest(known)


def stale(tx: sa.Connection, order: ShopOrder, at: datetime) -> str | None:
    """Why its price does not fit any more."""
    account = accounts.load(tx, whereabouts.of_service(tx, order.service) or "")
    service = account.service(order.service) if account else None
    if account is None or service is None:
        return CHANGED
    if basis(account, service) != order.said["basis"]:
        return CHANGED
    over = order.said["until"] and datetime.fromisoformat(order.said["until"]) <= at
    return ENDED if over and not order.said["begins"] else None


def unheard(tx: sa.Connection, service: str) -> ShopOrder | None:
    """A paid order of that service that has not counted yet, and may."""
    for order in shop_orders.told(tx, service):
        told = operations.of_events(tx, order.source, told_by(order))
        if any(one.fate in UNHEARD for one in told):
            return order
    return None


def told_by(order: ShopOrder) -> tuple[str, ...]:
    """The events its payment may have told."""
    return (order.event, _before(order)) if order.event else ()


def events(tx: sa.Connection, order: ShopOrder, at: datetime) -> tuple[Event, ...]:
    """What it becomes, and the period that is paid for; what is paid bears its name."""
    said = order.said
    begins = said["begins"]
    line = f"{order.source}:{order.id}" if order.amount else None
    changed = Event(
        id=_before(order) if begins else order.id,
        source=order.source,
        type=Type.CHANGE,
        occurred_at=at,
        client=order.client,
        service=order.service,
        product=said["product"],
        quantity=said["quantity"],
        extras=tuple((str(name), int(many)) for name, many in said["extras"]),
        currency=order.currency,
        line=None if begins else line,
        invoice=order.id,
        approved="agreed" in said,
    )
    if not begins:
        return (changed,)
    starts, ends = _period(tx, order, at)
    paid = Event(
        id=order.id,
        source=order.source,
        type=Type.RENEWED,
        occurred_at=at,
        sequence=1,
        client=order.client,
        service=order.service,
        product=said["product"],
        quantity=said["quantity"],
        currency=order.currency,
        line=line,
        invoice=order.id,
        starts=starts,
        ends=ends,
    )
    return (paid,) if order.kind is Kind.RENEWAL else (changed, paid)


def _period(
    tx: sa.Connection, order: ShopOrder, at: datetime
) -> tuple[datetime, datetime | None]:
    """It follows what is paid for or tried, as long as that lasts; else it begins now.

    *until*: with what coupons moved. The periods themselves know nothing of that: one
    that begins now is dated by as much before, since they move it, too.
    """
    said = order.said
    account = accounts.load(tx, whereabouts.of_service(tx, order.service) or "")
    service = account.service(order.service) if account else None
    periods = service.periods if service else ()
    trial = account.trial(order.service) if account else None
    follows = service.paid_until if service else None
    if not periods and trial:
        follows = trial.ends
    until = datetime.fromisoformat(said["until"]) if said["until"] else None
    starts = at
    if follows and until and not said["at_once"]:
        starts = follows if at < until else at - (until - follows)
    anchor = min((p.starts for p in periods), default=starts)
    return starts, runs_until(anchor, starts, said["begins"], said["zone"])


def _before(order: ShopOrder) -> str:
    """The change that comes before the period it is paid for."""
    return f"{order.id}/change"
