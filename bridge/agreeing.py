"""A change that waits for an admin: what agreeing to it would do, and its price.

It is an event that was told, and agreed to it is done; or an order of a shop, and
agreed to it is to be paid, and done after that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge import approving, changing, planned
from bridge.ahead import Then
from bridge.billing import purchased
from bridge.parts import Parts
from bridge.preview import preview
from bridge.steps import steps
from bridge.store import operations, shop_orders
from bridge.store.operations import Operation
from bridge.store.shop_orders import ShopOrder, State
from bridge.words import render
from provisioning.core import approval, quote
from provisioning.core.asking import Question
from provisioning.core.choices import Scheduled
from provisioning.core.digest import digest
from provisioning.core.events import Event
from provisioning.core.heard import Fate
from provisioning.core.money import Money
from provisioning.core.outcomes import Refused
from provisioning.core.plan import Plan
from provisioning.core.quote import Quote
from provisioning.core.sentences import minute


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change that waits, its account before and after it, and what would be done."""

    asks: Operation | ShopOrder
    event: Event
    question: Question
    before: Then
    after: Then
    todo: Plan

    @property
    def hash(self) -> str:
        """Of what would be done, and of the change that it is done for."""
        return digest((self.todo.hash, self.name))

    @property
    def name(self) -> str:
        return self.asks.name if isinstance(self.asks, Operation) else self.asks.id

    @property
    def account(self) -> str:
        return self.todo.account.id

    def ordered(self, because: str, by: str) -> dict[str, Any]:
        """What the order `plan.apply` says, for it to be done as it is here.

        LookupError, where it is to be paid first: that is agreed to by `shop.approve`.
        """
        if isinstance(self.asks, ShopOrder):
            raise LookupError(f"{self.name} is an order; agree to it as to an order")  # noqa: TRY004 - what it says
        return planned.ordered(
            self.todo, because, by, operation=self.asks.id, hash_=self.hash
        )


def orders(found: Iterable[ShopOrder]) -> list[dict[str, Any]]:
    """The same of what is to be paid once it is agreed to."""
    return [
        {
            "event": each.id,
            "account": each.client,
            "service": each.service,
            "since": each.made_at,
            "from": None,
            "to": f"{each.said['quantity']} x {each.said['product']}",
        }
        for each in found
    ]


def waiting(found: Iterable[Operation]) -> list[dict[str, Any]]:
    """What is said of each without asking its backend."""
    return [
        {
            "event": each.name,
            "account": each.lane,
            "service": each.service,
            "since": each.changed_at,
            "from": dict(each.why.parts)["has"] if each.why else None,
            "to": dict(each.why.parts)["to"] if each.why else None,
        }
        for each in found
    ]


def proposed(parts: Parts, name: str) -> Proposed:
    """LookupError, where it does not wait; Refused, where agreeing would do nothing.

    *name*: of the event, or of the order.
    """
    found: Operation | ShopOrder | None
    with parts.database.read() as tx:
        found = shop_orders.one(tx, name)
        if found:
            event = _asked(tx, found, parts.clock.now())
        else:
            found = approving.named(tx, name)
            event = operations.event_of(tx, found.id)
    job, todo = preview(str(event.service), parts.runner.desk, parts.editions, event)
    ruling = next(r for r in todo.rulings if r.event.arrival == event.arrival)
    service = job.account.service(event.service)
    if ruling.fate is not Fate.WORKING or service is None:
        raise Refused(render(ruling.why) or f"it would be {ruling.fate}")
    at, catalog = parts.clock.now(), job.catalog
    question = approval.question(job.account, service, event, catalog)
    before, after = Then(job.account, catalog, at), Then(todo.account, catalog, at)
    return Proposed(found, event, question, before, after, todo)


def told(change: Proposed) -> dict[str, Any]:
    """All there is to say of it."""
    question, offer = change.question, _offer(change)
    losses = changing.decided(question).losses
    return {
        "event": change.name,
        "account": change.account,
        "service": change.event.service,
        "asked": minute(change.event.occurred_at),
        "from": changing.chosen(question.has.choice),
        "to": changing.chosen(question.to),
        "when": "with the next period" if change.event.at_period_end else "at once",
        "due": str(offer.amount_due) if offer else None,
        "lines": changing.lines(offer) if offer else [],
        **_ordered(change.asks),
        "losses": [changing.less(each) for each in losses],
        "steps": steps(change.todo),
        "hash": change.hash,
    }


def _ordered(asks: Operation | ShopOrder) -> dict[str, Any]:
    """Of an order its own price: that is what was promised."""
    if isinstance(asks, Operation):
        return {}
    lines = [
        f"{line['amount']:>10} {asks.currency}  {line['quantity']} x {line['name']} at"
        f" {line['unit_price']} {asks.currency}"
        for line in asks.lines
    ]
    return {"due": str(Money(asks.amount, asks.currency)), "lines": lines}


def _asked(tx: sa.Connection, order: ShopOrder, at: datetime) -> Event:
    """What it will tell once it is paid, as if that were now."""
    if order.state is not State.ASKED:
        raise Refused(f"order {order.id} is {order.state}, and waits for no yes")
    if why := purchased.stale(tx, order, at):
        raise Refused(f"{why}; decline it, so that it is asked for anew")
    return purchased.events(tx, order, at)[0]


def _offer(change: Proposed) -> Quote | None:
    """What it costs by our list on the day it was asked; its platform bills it."""
    question = change.question
    if question.has_what_is_not_listed() or question.is_unknown():
        return None
    prices, has, to, at = question.prices, question.has, question.to, question.at
    if change.event.at_period_end:
        coming = Scheduled(to, has.turns(at))
        return quote.renewal(prices, replace(has, next=coming), at)
    return quote.change(prices, has, to, at, had=question.had)
