"""What a service becomes at the end of its period: the next renewal package."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioning.core.account import SOLD, Next, Service
from provisioning.core.events import Event, Type
from provisioning.core.period import SLACK, Period


def due(service: Service, tried: datetime | None = None) -> datetime | None:
    """When it becomes that; None where nothing is to come. *tried*: as in `ending`."""
    coming = service.next
    if coming is None or coming.turned or not service.alive:
        return None
    said = coming.order.occurred_at
    if not service.periods:
        return tried if tried and said < tried else None
    ends = [p.ends for p in service.periods if p.ends and said < p.ends]
    sold = [p.ends for p in service.periods if p.ends in ends and _is_paid(p, said)]
    return max(sold) if sold else min(ends, default=service.paid_until)


def _is_paid(period: Period, said: datetime) -> bool:
    """What was paid for before the word is delivered as it was sold."""
    return period.paid_at is not None and period.paid_at <= said


def noted(service: Service, event: Event, version: str) -> Service | None:
    """With what is to come; None where something newer was heard."""
    sold = service.marks.get(SOLD)
    known = max((k.order for k in (sold, service.next) if k), default=event.order)
    if event.order < known:
        return None
    package = event.product or service.package
    if package == service.package:
        version = service.version or version
    said = event.quantity, event.extras, event.order, event.id
    coming = Next(package, *said, version=version)
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
    if coming and event.occurred_at <= coming.order.occurred_at:
        return service
    by_line = (p.starts for p in service.periods if event.line and p.line == event.line)
    starts = event.starts or next(by_line, service.paid_until)
    if not (coming and turns and starts and starts > turns - SLACK):
        return service
    quantity = coming.quantity or service.quantity
    return replace(
        service, package=coming.package, quantity=quantity, version=coming.version
    )
