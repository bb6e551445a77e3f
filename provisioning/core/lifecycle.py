"""What each word of a platform does to a service: which topic it settles, and how."""

from __future__ import annotations

from dataclasses import replace

from provisioning.core.account import LIFE, Mark, Service
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


def heard(service: Service, event: Event) -> Service | None:
    """The service after this word, or None where a newer one was heard before."""
    about = topic(event)
    if about is None:
        return service
    known = service.marks.get(about)
    if known and known.order > event.order:
        return None
    after = service.marked(about, Mark(SAYS[Type(event.type)], event.order))
    return _sold(after, event) if about == LIFE else after


def _sold(service: Service, event: Event) -> Service:
    if event.type == Type.ACTIVATE and event.product:
        return replace(service, package=event.product)
    return service
