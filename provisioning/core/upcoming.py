"""The next period of a service: what it would be, what it costs, and until when.

What is renewed by itself is reckoned as what somebody renews by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from provisioning.core import acting
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.choices import Choice, Subscription
from provisioning.core.events import Hold
from provisioning.core.prices import PriceList
from provisioning.core.quote import Quote, renewal
from provisioning.core.subscribed import lists, subscribed

NOT_FOR_MONEY = {Hold.ABUSE, Hold.MANUAL}
"""What is off for one of these, a payment does not bring back."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A period that nobody has paid for yet. *no*: its ordinal."""

    no: int
    due: datetime
    """The end of all that is paid for, or tried, with what coupons moved."""

    offer: Quote

    @property
    def of(self) -> str:
        """By an ordinal, and never by a moment, which may move."""
        return f"{self.offer.ref}/period-{self.no}"

    def is_time(self, ahead: timedelta, at: datetime) -> bool:
        """Whether it is to be ordered by then, so long before it is due."""
        return self.due - ahead <= at


def upcoming(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> Upcoming | None:
    """None where nothing follows by itself: it ends, it costs nothing or was bought
    once, it is off for more than a payment, or nobody knows its price any more."""
    due = acting.since(account, service, catalog)
    off = NOT_FOR_MONEY.intersection(acting.holds(account, service, catalog, at))
    if due is None or off or account.observed_at:
        return None
    has, prices = _basis(account, service, catalog, at)
    if not _all_known(has, prices):
        return None
    offer = renewal(prices, has, at)
    if not offer.amount_due.amount:
        return None
    no = max((period.no for period in service.periods), default=0) + 1
    return Upcoming(no, due, offer)


def following(
    account: Account, service: Service, catalog: Catalog, at: datetime,
    cycle: str | None = None,
) -> Quote:  # fmt: skip
    """Of the next renewal package, where there is one (C11); for another *cycle*, where
    one is named. KeyError, where nobody knows its price."""
    has, prices = _basis(account, service, catalog, at)
    if cycle and has.next:
        after = replace(has.next, choice=replace(has.next.choice, cycle=cycle))
        has = replace(has, next=after)
    elif cycle:
        has = replace(has, choice=replace(has.choice, cycle=cycle))
    return renewal(prices, has, at)


def _basis(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> tuple[Subscription, PriceList]:
    """By the terms it goes on by, or becomes another by."""
    coming = service.next
    name = coming.package if coming and not coming.turned else service.package
    prices, _ = lists(service, name, catalog, account.group)
    return subscribed(service, prices, at, account.trial(service.ref)), prices


def _all_known(has: Subscription, prices: PriceList) -> bool:
    choices = [has.choice, *([has.next.choice] if has.next else [])]
    return all(name in prices.packages for one in choices for name in _names(one))


def _names(choice: Choice) -> tuple[str, ...]:
    return (choice.package, *(name for name, _ in choice.extras))
