"""Which of his services are renewed by themselves: on or off, what is next, and how
it is paid (S5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from marshmallow import fields

from bridge.access.customers import Right
from bridge.billing import renewing
from bridge.store import renewals, shop_orders
from bridge.store.shop_orders import ShopOrder, State
from bridge.web.forms import Form
from bridge.web.shop import called
from bridge.web.shop.his import his, path
from bridge.web.shop.registry import shop
from bridge.web.shop.renewing import still
from bridge.web.shop.visit import Visit
from bridge.web.site import Go, Page
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.upcoming import upcoming


class Switch(Form):
    automatic = fields.Boolean(required=True, truthy={"on"}, falsy={"off"})


@dataclass(frozen=True, slots=True)
class Row:
    """Of one service. *due*, *sum*: of what is next, where anything is."""

    path: str
    package: str
    automatic: bool
    due: datetime | None = None
    sum: tuple[Decimal, str] | None = None
    ordered: datetime | None = None
    """When its order is made by itself; None, where it is made already, or by hand."""

    waits: ShopOrder | None = None
    called_off: bool = False
    """Whether that order was made for the period, and will not be made again."""


@shop.get("/renewals", may=Right.SEE)
def every(visit: Visit) -> Page:
    """S5: by service, on or off, the next charge with day and sum, and the method."""
    _ours(visit)
    with visit.parts.database.read() as tx:
        found = visit.accounts(tx)
        sold = [service for one in found for service in one.services if service.alive]
        now = visit.parts.editions.now(tx, sold)
        chosen = renewals.of(tx, [service.ref for service in sold])
        on = {ref for ref, one in chosen.items() if one.automatic}
        rows = [
            _row(visit, tx, account, service, now, automatic=service.ref in on)
            for account in found
            for service in account.services
            if service.alive
        ]
    told = {
        "rows": rows,
        "days": visit.front.shop.renewal_ahead.days,
        "method": called.methods(visit.speech)["manual"],
    }
    return Page("renewals", visit.say("My auto-renewals"), told)


@shop.post("/services/<service>/renewal", may=Right.BUY, takes=Switch)
def switch(visit: Visit, service: str) -> Go:
    """C4: whoever pays says whether it is renewed by itself."""
    mine = still(visit, his(visit, service))
    on = visit.told["automatic"]
    visit.order("renewal.choose", service=mine.ref, automatic=on, by=visit.buyer.name)
    return Go("/renewals", _said(visit, mine.ref, on=on))


def _said(visit: Visit, ref: str, *, on: bool) -> str:
    """What was ordered by itself stays: it may have been paid just now, and is not to
    be gone as its money comes."""
    if on:
        return visit.say(
            "From now on its renewal is ordered by itself, and mailed to you."
        )
    with visit.parts.database.read() as tx:
        waits = shop_orders.under_way(tx, ref)
    if waits is None:
        return visit.say("From now on you renew it yourself.")
    return visit.say(
        "From now on you renew it yourself. Order {id} stays: pay it, or call it off.",
        id=waits.id,
    )


def is_on(visit: Visit, ref: str) -> bool:
    with visit.parts.database.read() as tx:
        chosen = renewals.of(tx, [ref]).get(ref)
    return bool(chosen and chosen.automatic)


def _ours(visit: Visit) -> None:
    if visit.front.is_platform:
        raise LookupError(visit.say("That is changed where you find your invoices."))


def _row(
    visit: Visit, tx: sa.Connection, account: Account, service: Service, now: Catalog,
    *, automatic: bool,
) -> Row:  # fmt: skip
    where, plan = path(service.ref), service.package
    of = upcoming(account, service, now, visit.at)
    waits = shop_orders.waits(tx, service.ref)
    if of is None:
        return Row(where, plan, automatic, waits=waits)
    due, made = of.offer.amount_due, renewing.placed(tx, account.source, of)
    ordered = max(visit.at, of.due - visit.front.shop.renewal_ahead)
    by_itself = automatic and not made and not waits
    return Row(
        where, plan, automatic, of.due,
        (waits.amount, waits.currency) if waits else (due.amount, due.currency),
        ordered if by_itself else None, waits,
        automatic and made is not None and made.state is State.CANCELLED,
    )  # fmt: skip
