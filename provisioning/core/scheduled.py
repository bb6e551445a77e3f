"""What a service becomes at the end of its period: the next renewal package."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core.account import SOLD, Next, Service
from provisioning.core.events import Event, Type
from provisioning.core.period import SLACK


def due(service: Service) -> datetime | None:
    """When it becomes that; None where nothing is to come."""
    coming = service.next
    if coming is None or coming.turned or not service.alive:
        return None
    said = coming.order.occurred_at
    ends = (p.ends for p in service.periods if p.ends and said < p.ends)
    return min(ends, default=service.paid_until)


def noted(service: Service, event: Event) -> Service | None:
    """With what is to come; None where something newer was heard."""
    sold = service.marks.get(SOLD)
    known = max((k.order for k in (sold, service.next) if k), default=event.order)
    if event.order < known:
        return None
    package = event.product or service.package
    coming = Next(package, event.quantity, event.extras, event.order, event.id)
    return replace(service, next=coming)


def told(service: Service, coming: Next, source: str) -> Event:
    """The word again, as one that counts at once."""
    return Event(
        id=coming.event,
        source=source,
        type=Type.CHANGE,
        occurred_at=coming.order.occurred_at,
        sequence=coming.order.sequence,
        arrival=coming.order.arrival,
        service=service.ref,
        product=coming.package,
        quantity=coming.quantity,
        extras=coming.extras,
    )


def paid_for(service: Service, event: Event) -> Service:
    """The service as it is in the period that this payment is for."""
    coming, turns = service.next, due(service)
    by_line = (p.starts for p in service.periods if event.line and p.line == event.line)
    starts = event.starts or next(by_line, service.paid_until)
    if not (coming and turns and starts and starts > turns - SLACK):
        return service
    quantity = coming.quantity or service.quantity
    return replace(service, package=coming.package, quantity=quantity)
