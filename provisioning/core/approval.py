"""Changes an admin has to agree to: which those are, and what ends their waiting."""

from __future__ import annotations

from dataclasses import replace

from provisioning.core import lifecycle
from provisioning.core.account import ASKED, LIFE, SOLD, Account, Mark, Service
from provisioning.core.asking import Asked, Question
from provisioning.core.catalog import Catalog
from provisioning.core.changes import asks_first
from provisioning.core.choices import Choice
from provisioning.core.events import Event, Order, Type
from provisioning.core.heard import Fate, Heard
from provisioning.core.sentences import say
from provisioning.core.subscribed import beside, cycle_for, lists, subscribed

ENDS_IT = {Type.ACTIVATE, Type.CHANGE, Type.TERMINATE}
"""Each says anew what the service is to be: what was asked before is over."""


def question(
    account: Account, service: Service, event: Event, catalog: Catalog
) -> Question:
    """What a platform's word of change asks for, by the rules of change."""
    package, at = event.product or service.package, event.occurred_at
    prices, sold = lists(service, package, catalog, account.group)
    has = subscribed(service, prices, at, account.trial(service.ref))
    extras = service.extras if event.extras is None else event.extras
    cycle = cycle_for(package, has.choice, prices)
    choice = Choice(package, cycle, event.quantity or service.quantity, extras)
    asked = Asked(choice, surveyed=True, confirmed=True, approved=event.approved)
    more = beside(account, service, prices, at)
    return Question(prices, has, asked, at, more, sold)


def waiting(
    heard: Heard, event: Event, service: Service, catalog: Catalog
) -> Heard | None:
    """With the change left to wait; None, where it need not, or is old anyway."""
    if not lifecycle.is_news(service, event) or event.order in _agreed(service):
        return None
    asks = question(heard.account, service, event, catalog)
    if asks.is_what_it_has() or not asks_first(asks):
        return None
    if newer := asked(service):
        if newer > event.order:
            return heard.ruled(event, Fate.SUPERSEDED, say("newer_word"))
        heard = _over(heard, service, event)
    marked = service.marked(ASKED, Mark(yes=True, order=event.order))
    why = say("approval_first", has=service.package, to=asks.to.package)
    account = heard.account.with_service(marked)
    return replace(heard, account=account).ruled(event, Fate.PARKED, why)


def asked(service: Service) -> Order | None:
    """Of the change that waits there."""
    mark = service.marks.get(ASKED)
    return mark.order if mark and mark.yes else None


def settled(heard: Heard, event: Event) -> Heard:
    """Nothing waits any longer where the event did it, or is newer and counts."""
    service = heard.account.service(event.service)
    order = asked(service) if service else None
    if service is None or order is None or order > event.order:
        return heard
    if event.type not in ENDS_IT or event.order not in _agreed(service):
        return heard
    done = service.marked(ASKED, Mark(yes=False, order=order))
    ended = replace(heard, account=heard.account.with_service(done))
    return _over(ended, service, event)


def ended(heard: Heard) -> Heard:
    """Nothing waits on what is over by itself: revoked, or used up."""
    for service in heard.account.services:
        order = asked(service)
        if order and not service.alive:
            event = _asking(service, order, heard.account.source)
            account = withdrawn(heard.account, order)
            others = tuple(r for r in heard.rulings if r.event.arrival != order.arrival)
            heard = replace(heard, account=account, rulings=others).ruled(
                event, Fate.SUPERSEDED, say("asked_of_ended", service=service.ref)
            )
    return heard


def withdrawn(account: Account, order: Order) -> Account:
    """Without that change, if it waits: somebody declined it."""
    for service in account.services:
        if asked(service) == order:
            over = Mark(yes=False, order=order)
            account = account.with_service(service.marked(ASKED, over))
    return account


def _over(heard: Heard, service: Service, event: Event) -> Heard:
    """What waited gives way to another."""
    order = asked(service)
    if order is None or order.arrival == event.arrival:
        return heard
    old = _asking(service, order, event.source)
    others = tuple(r for r in heard.rulings if r.event.arrival != old.arrival)
    return replace(heard, rulings=others).ruled(old, Fate.SUPERSEDED, say("newer_word"))


def _asking(service: Service, order: Order, source: str) -> Event:
    """The change that waits, as far as it is known by."""
    return Event(
        id=f"no. {order.arrival}",
        source=source,
        type=Type.CHANGE,
        occurred_at=order.occurred_at,
        sequence=order.sequence,
        arrival=order.arrival,
        service=service.ref,
    )


def _agreed(service: Service) -> set[Order]:
    """The words that made it what it is, and what it becomes."""
    known = (service.marks.get(SOLD), service.marks.get(LIFE), service.next)
    return {word.order for word in known if word}
