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

from bridge import whose
from bridge.billing import asking, carts, drawing, hooked, purchased
from bridge.billing.asking import Answer
from bridge.billing.hooked import What
from bridge.keys import OPERATION, hashed, random_name
from bridge.store import arrivals, customers, facts, renewals, shop_orders
from bridge.store.arrivals import Arrival, Named
from bridge.store.shop_orders import HeldFor, Kind, ShopOrder, State
from provisioning.core.events import Event, Type
from provisioning.core.renewals import renews

Told = dict[str, Any]
FREE = "nothing is to be paid for it"
UNPAID = {Type.CHANGE, Type.TERMINATE, Type.REINSTATE}
"""What a customer may say that takes no money."""
WAITS_FOR = {
    State.ASKED: "an admin to agree; wait for that",
    State.OPEN: "its money; pay it",
}
SETTLED = "order {} is {} already"
SAID = {
    State.ASKED: "order {0} waits for an admin to agree; see `switchhook approve {0}`"
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
    placed = _waiting(tx, order)
    hooked.tell(tx, What.PLACED, placed, at)
    if cart:
        carts.hand_over(tx, order, cart, at)
    elif not sum_ and not _lacks(tx, placed, customer, at):
        held = _settled(tx, placed, customer, FREE, at)
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


def _lacks(tx: sa.Connection, order: ShopOrder, by: str, at: datetime) -> str | None:
    """Why the float of its reseller, where he has one, does not reach for what nobody
    pays for: what it costs him all the same is drawn from that."""
    has = drawing.is_kept(tx, order.source)
    return _is_short(tx, order, by, FREE, at) if has else None


def _paid(
    tx: sa.Connection, at: datetime, order: str, by: str, because: str,
    on_float: bool = False,
) -> Told:  # fmt: skip
    """Its money is there, as *by* says; *because*: how that is known.

    Held, where it was priced by what is not so any more: it stands among those that
    wait, with its money noted, until somebody has it done or paid back. *on_float*: it
    is with the reseller, and what the order costs him is drawn from his float: held,
    too, where that does not reach.
    """
    found = _waiting(tx, order)
    if found.method == carts.CART:
        raise LookupError(
            f"order {order} is paid at the platform that invoices it; that is heard"
            " from there, and confirmed by nobody here"
        )
    short = _is_short(tx, found, by, because, at) if on_float else None
    held = short or _settled(tx, found, by, because, at)
    return {"order": order, "paid": True, "held": held}


def _done(tx: sa.Connection, at: datetime, order: str, by: str, because: str) -> Told:
    """What was held is done all the same, for what was paid; what it costs a reseller
    is drawn, however little he has left."""
    found = _waiting(tx, order, State.HELD)
    if found.held_for is HeldFor.FLOAT:
        drawing.draw(tx, found, by, because, at, beyond=True)
    _one_by_one(tx, found)
    _tell(tx, found, by, _both(found, because), at)
    return {"order": order, "held": None}


def _back(tx: sa.Connection, at: datetime, order: str, by: str, because: str) -> Told:
    """What was held is not done; *because*: where its money went. What was drawn for it
    is given back, and others go on by that."""
    found, kept = _waiting(tx, order, State.HELD), State.CANCELLED
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
        _settled(tx, order, by, because, at)


def _is_short(
    tx: sa.Connection, order: ShopOrder, by: str, because: str, at: datetime
) -> str | None:
    """Drawn for, or held until a float reaches for it: why."""
    why = drawing.draw(tx, order, by, because, at)
    if why:
        _hold(tx, order, by, because, at, HeldFor.FLOAT)
    return why


def _approve(
    tx: sa.Connection, at: datetime, order: str, by: str, because: str, channel: str
) -> Told:
    """An admin agrees: now it is to be paid, and its customer is mailed so."""
    found = _waiting(tx, order, State.ASKED)
    shop_orders.lock(tx, found.service)
    if why := purchased.stale(tx, found, at):
        raise LookupError(f"{why}; decline it, so that it is asked for anew")
    agreed = {"by": by, "because": because, "at": at.isoformat()}
    shop_orders.agree(tx, found, agreed)
    asking.tell(tx, Answer.AGREED, found, channel, at)
    found = _waiting(tx, order)
    hooked.tell(tx, What.PLACED, found, at)
    held = None
    if not found.amount:
        held = _lacks(tx, found, by, at) or _settled(tx, found, by, FREE, at)
    state = State.OPEN if found.amount else State.HELD if held else State.PAID
    return {"order": order, "state": state.value, "held": held}


def _decline(
    tx: sa.Connection, at: datetime, order: str, by: str, because: str, channel: str
) -> Told:
    """Nothing was paid and nothing changes; its customer is mailed why."""
    found, no = _waiting(tx, order, State.ASKED), State.DECLINED
    shop_orders.settle(tx, order, no, by, because, at, was=State.ASKED)
    asking.tell(tx, Answer.DECLINED, found, channel, at)
    return {"order": order, "state": no.value}


def _cancel(tx: sa.Connection, at: datetime, order: str, by: str, because: str) -> Told:
    """Before it is paid; what is paid is paid back at its platform."""
    found = _waiting(tx, order, State.OPEN, State.ASKED)
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
        extras=None if extras is None else _extras(extras),
        at_period_end=bool(said.get("at_period_end")),
    )
    _keep(tx, source, event, {"type": type, "service": service, **said}, (word,), at)
    return {"event": event}


def _settled(
    tx: sa.Connection, order: ShopOrder, by: str, because: str, at: datetime
) -> str | None:
    """Why it is held, where it is."""
    if order.kind in shop_orders.CHANGES:
        _one_by_one(tx, order)
        if why := purchased.stale(tx, order, at):
            _hold(tx, order, by, because, at, HeldFor.PRICE)
            return why
    _tell(tx, order, by, because, at)
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


def _tell(
    tx: sa.Connection, order: ShopOrder, by: str, because: str, at: datetime
) -> None:
    changes = order.kind in shop_orders.CHANGES
    said = purchased.events(tx, order, at) if changes else (_event(tx, order, at),)
    _keep(tx, order.source, order.id, {"order": order.id, **order.said}, said, at)
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


def _keep(
    tx: sa.Connection, source: str, delivery: str, said: Told,
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


def _both(order: ShopOrder, because: str) -> str:
    """How its money was known of, and what became of it."""
    return f"{order.because}; {because}"


def _waiting(tx: sa.Connection, order: str, *states: State) -> ShopOrder:
    found = shop_orders.one(tx, order)
    if found is None:
        raise LookupError(f"there is no order {order}")
    if found.state not in (states or {State.OPEN}):
        raise LookupError(SAID.get(found.state, SETTLED).format(order, found.state))
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
        extras=_extras(extras) if extras else None,
        currency=order.currency,
        line=f"{order.source}:{order.id}" if order.amount else None,
        invoice=order.id,
        starts=starts,
        ends=ends,
        trial=bool(said.get("trial")),
        group=said.get("group"),
        email=buyer.email if buyer else None,
    )


def _extras(written: Sequence[Sequence[Any]]) -> tuple[tuple[str, int], ...]:
    return tuple((str(name), int(many)) for name, many in written)


def _first_said(tx: sa.Connection, order: ShopOrder, at: datetime) -> datetime:
    """What was ordered before a backup that was restored may have been confirmed after
    it, and be done: it counts as told then, so that this is looked at."""
    restored = facts.restored(tx)
    return order.made_at if restored and order.made_at <= restored.at else at


ORDERS: Mapping[str, Callable[..., Told]] = {
    "shop.order": _order,
    "shop.paid": _paid,
    "shop.done": _done,
    "shop.back": _back,
    "shop.approve": _approve,
    "shop.decline": _decline,
    "shop.cancel": _cancel,
    "shop.payer": _payer,
    "shop.say": _say,
}
