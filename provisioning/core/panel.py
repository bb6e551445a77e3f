"""What a customer is shown of a plan: price, cycle, status, payment, and actions (P2).

Two prices have two names: here it is all that is payable for the plan; in a form it is
that of one account of it (`PriceList.unit_price`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from provisioning.core import lifecycle
from provisioning.core.account import Service
from provisioning.core.choices import Choice, Scheduled, Subscription
from provisioning.core.money import Money
from provisioning.core.period import CYCLES
from provisioning.core.prices import PriceList
from provisioning.core.status import Reason, Status


class Action(StrEnum):
    DETAILS = "details"
    UPGRADE = "upgrade"
    """To a higher plan, or more accounts of this one (P9)."""

    UNSUBSCRIBE = "unsubscribe"


ACTIONS = {
    # alive, ends by itself
    (True, False): (Action.DETAILS, Action.UPGRADE, Action.UNSUBSCRIBE),
    (True, True): (Action.DETAILS, Action.UPGRADE),
    (False, False): (Action.DETAILS,),
    (False, True): (Action.DETAILS,),
}


@dataclass(frozen=True, slots=True)
class Panel:
    choice: Choice
    price: Money
    """Of all of it for a cycle, add-ons included, before tax (P3)."""

    starts: datetime | None
    """Of the cycle, or the trial, that may be used now; None: not begun (P4)."""

    ends: datetime | None
    status: Status
    reason: Reason | None
    next_payment: datetime | None
    """Until when must be paid to go on; None: never, or it ends by then (P6)."""

    registered: datetime | None
    """When it was ordered and paid, both; None: not yet, or before we listened (P7)."""

    coming: Scheduled | None
    """The next renewal package (C11)."""

    actions: tuple[Action, ...]


def panel(
    service: Service,
    has: Subscription,
    prices: PriceList,
    status: tuple[Status, Reason | None],
    until: datetime | None = None,
) -> Panel:
    """*has*: as it is now; *until*: the end of all that is paid for, or tried, where a
    coupon moved it."""
    ends_by_itself = lifecycle.ending(service, has.tried_until)
    goes_on = service.alive and not ends_by_itself
    then = has.next.choice if has.next else has.choice
    is_due = goes_on and _payable(then, prices).amount and CYCLES[then.cycle]
    return Panel(
        choice=has.choice,
        price=_payable(has.choice, prices),
        starts=has.starts if service.periods or has.tried_until else None,
        ends=has.ends,
        status=status[0],
        reason=status[1],
        next_payment=(until or has.tried_until or has.paid_until) if is_due else None,
        registered=min((p.paid_at for p in service.periods if p.paid_at), default=None),
        coming=has.next,
        actions=ACTIONS[service.alive, bool(ends_by_itself)],
    )


def _payable(choice: Choice, prices: PriceList) -> Money:
    amounts = [each.price.amount for each in prices.positions(choice)]
    return replace(prices.unit_price(choice), amount=sum(amounts, Decimal(0)))
