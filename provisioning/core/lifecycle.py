"""What each word of a platform does to a service: which topic it settles, and how."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core.account import (
    CHANGED,
    ENDED,
    ENDING,
    EXTRAS,
    LIFE,
    MANY,
    PACKAGE,
    QUANTITY,
    REVOKED,
    SOLD,
    Mark,
    Service,
)
from provisioning.core.events import Event, Order, Type

SAYS = {
    Type.ACTIVATE: True,
    Type.REINSTATE: True,
    Type.TERMINATE: False,
    Type.SUSPEND: True,
    Type.RESUME: False,
    Type.CHANGE: True,
}
HOLDS = {Type.SUSPEND, Type.RESUME}
SALES = {Type.ACTIVATE, Type.CHANGE}


def topic(event: Event) -> str | None:
    """Resume lifts only its own hold; a payment lifts none."""
    if event.type in HOLDS:
        return event.hold.value
    if event.type == Type.CHANGE:
        return SOLD
    if event.type == Type.TERMINATE and event.at_period_end:
        return ENDING
    return LIFE if event.type in SAYS else None


def is_news(service: Service, event: Event) -> bool:
    """Whether nothing newer was heard on this topic before."""
    known = _newest(service, topic(event) or "")
    return known is None or known <= event.order


def is_sale(service: Service, event: Event) -> bool:
    """Whether it is sold anew by this word: by the terms of today, whatever it was."""
    if event.type not in SALES:
        return False
    known = _newest(service, SOLD)
    if known is None or known > event.order:
        return known is None
    revived = event.type == Type.ACTIVATE and not service.alive
    return event.product not in {None, service.package} or (
        revived and is_news(service, event)
    )


def is_sold_since(service: Service, event: Event) -> bool:
    """Whether it was said anew what it is: what an older word left open is moot."""
    known = _newest(service, SOLD)
    return known is not None and known > event.order


def heard(service: Service, event: Event) -> Service:
    """The service after this word."""
    about = topic(event)
    if about is None:
        return service
    news = is_news(service, event)
    service = _ended(_sold(service, event), event)
    if not news:
        return service
    says = True if about == ENDING else SAYS[Type(event.type)]
    return service.marked(about, Mark(says, event.order))


def ending(service: Service, tried: datetime | None = None) -> datetime | None:
    """When it ends by itself; None where nothing says so, or nobody can tell when.
    *tried*: the end of its trial, which counts while nothing is paid."""
    word = service.marks.get(ENDING)
    life = service.marks.get(LIFE)
    lives_since = life and life.yes and (word is None or word.order < life.order)
    if word is None or lives_since or not service.alive:
        return None
    return service.paid_until if service.periods else tried


def used_up(service: Service, ends: datetime | None, at: datetime) -> Service:
    """The service once its time is over, where it was to end then."""
    if ends is None or at < ends:
        return service
    mark = Mark(yes=False, order=service.marks[ENDING].order)
    over = Mark(yes=True, order=mark.order)
    return service.marked(LIFE, mark).marked(ENDED, over)


def revoked(service: Service, since: datetime | None, at: datetime) -> Service:
    """The service once nobody paid for it for too long (I9)."""
    if since is None or at < since:
        return service
    return service.marked(REVOKED, Mark(yes=True, order=Order(since, 0, 0)))


def reopened(service: Service, event: Event) -> Service:
    """Not revoked, where it was paid, changed or ended before that, and we only heard
    of it after: what follows while it is not paid for is reckoned anew."""
    known = service.marks.get(REVOKED)
    if known is None or known.order < event.order:
        return service
    marks = {topic: m for topic, m in service.marks.items() if topic != REVOKED}
    return replace(service, marks=marks)


def sold_at(service: Service) -> datetime | None:
    """When it was last sold, or changed to what it is."""
    newest = _newest(service, SOLD)
    return newest.occurred_at if newest else None


def _newest(service: Service, about: str) -> Order | None:
    known = service.marks.get(about)
    if known is None and about == SOLD:
        # Kept by a version that knew no changes: there its life says what was sold.
        life = service.marks.get(LIFE)
        known = life if life and life.yes else None
    return known.order if known else None


def _ended(service: Service, event: Event) -> Service:
    known = service.marks.get(ENDED)
    if topic(event) != LIFE or event.type != Type.TERMINATE:
        return service
    if known and known.order > event.order:
        return service
    return service.marked(ENDED, Mark(yes=True, order=event.order))


def _changed(service: Service, event: Event) -> Service:
    known = service.marks.get(CHANGED)
    if event.type != Type.CHANGE or (known and known.order > event.order):
        return service
    return service.marked(CHANGED, Mark(yes=True, order=event.order))


def replaced_at(service: Service, event: Event) -> datetime | None:
    """When what this event sold was replaced by what was sold after it."""
    sold = _newest(service, SOLD)
    return sold.occurred_at if sold and sold > event.order else None


def changed_at(service: Service) -> datetime | None:
    """Since when it is what it is, where a change made it so and nothing after it."""
    change, sold = service.marks.get(CHANGED), service.marks.get(SOLD)
    same = change and sold and change.order == sold.order
    return change.order.occurred_at if change and same else None


def newly_said(was: Service | None, now: Service) -> datetime | None:
    """When that happened of which it was heard between the two."""
    known, said = (was.marks if was else {}), now.marks
    moments = [
        said[topic].order.occurred_at
        for topic in (SOLD, QUANTITY, EXTRAS, LIFE)
        if topic in said and said[topic] != known.get(topic)
    ]
    before = was.next.turned if was and was.next else None
    turned = now.next.turned if now.next else None
    if turned and turned != before:
        moments.append(turned)
    return max(moments, default=None)


def _counted(service: Service, event: Event) -> Service:
    """How many, and with what: what a change does not mention stays as it was."""
    anew = event.type == Type.ACTIVATE
    quantity = event.quantity or (1 if anew else None)
    extras = event.extras if event.extras is not None else (() if anew else None)
    if quantity is not None:
        service = _so_many(service, quantity, event)
    if extras is not None and _is_newest(service, EXTRAS, event):
        service = replace(service, extras=extras)
        service = service.marked(EXTRAS, Mark(yes=True, order=event.order))
    return service


def _so_many(service: Service, quantity: int, event: Event) -> Service:
    """Since when it is another number, whichever of the two was heard first."""
    known = service.marks.get(QUANTITY)
    newest = max(known.order, event.order) if known else event.order
    mark = Mark(yes=True, order=newest)
    if known and quantity != service.quantity:
        service = service.marked(MANY, mark)
    if _is_newest(service, QUANTITY, event):
        service = replace(service, quantity=quantity)
    return service.marked(QUANTITY, mark)


def _is_newest(service: Service, about: str, event: Event) -> bool:
    known = service.marks.get(about)
    return known is None or known.order <= event.order


def _sold(service: Service, event: Event) -> Service:
    """Another package than before: since when, whichever of the two was heard first."""
    if event.type not in SALES:
        return service
    known = _newest(service, SOLD)
    since = max(known, event.order) if known else event.order
    sold = Mark(yes=True, order=since)
    service = _counted(_changed(service, event), event)
    if service.next and service.next.order < event.order:
        service = replace(service, next=None)
    if event.product in {None, service.package}:
        return service.marked(SOLD, sold)
    if known is None or known <= event.order:
        service = replace(service, package=event.product or service.package)
    return service.marked(SOLD, sold).marked(PACKAGE, sold)
