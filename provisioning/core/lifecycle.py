"""What each word of a platform does to a service: which topic it settles, and how."""

from __future__ import annotations

from dataclasses import replace

from provisioning.core.account import ENDED, LIFE, PACKAGE, Mark, Service
from provisioning.core.events import Event, Type

SAYS = {
    Type.ACTIVATE: True,
    Type.TERMINATE: False,
    Type.SUSPEND: True,
    Type.RESUME: False,
}
HOLDS = {Type.SUSPEND, Type.RESUME}


def topic(event: Event) -> str | None:
    """Resume lifts only its own hold; a payment lifts none."""
    if event.type in HOLDS:
        return event.hold.value
    return LIFE if event.type in SAYS else None


def is_news(service: Service, event: Event) -> bool:
    """Whether nothing newer was heard on this topic before."""
    known = service.marks.get(topic(event) or "")
    return known is None or known.order <= event.order


def heard(service: Service, event: Event) -> Service:
    """The service after this word."""
    about = topic(event)
    if about is None:
        return service
    service = _ended(_sold(service, event), event)
    if not is_news(service, event):
        return service
    return service.marked(about, Mark(SAYS[Type(event.type)], event.order))


def _ended(service: Service, event: Event) -> Service:
    known = service.marks.get(ENDED)
    if event.type != Type.TERMINATE or (known and known.order > event.order):
        return service
    return service.marked(ENDED, Mark(yes=True, order=event.order))


def _sold(service: Service, event: Event) -> Service:
    """Another package than before: since when, whichever of the two was heard first."""
    known = service.marks.get(LIFE)
    if event.type != Type.ACTIVATE or event.product in {None, service.package}:
        return service
    if known is None or known.order <= event.order:
        service = replace(service, package=event.product or service.package)
    since = max(known.order, event.order) if known else event.order
    return service.marked(PACKAGE, Mark(yes=True, order=since))
