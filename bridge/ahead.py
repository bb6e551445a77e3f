"""An account at another time, or after a change nobody made yet: only looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bridge import changing, comparing
from bridge.clock import Standing
from bridge.store import operations
from bridge.words import render
from bridge.work import Work
from provisioning.core import acting, telling
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.changes import Decision, Verdict
from provisioning.core.events import Event, Type
from provisioning.core.history import as_of
from provisioning.core.parity import Theirs
from provisioning.core.plan import Plan
from provisioning.core.splice import Segment

Told = dict[str, Any]

FIRST, LAST = 2000, 2999
YEARS = range(FIRST, LAST + 1)


@dataclass(frozen=True, slots=True)
class Then:
    """An account at a moment. *todo*: what would be done then; None: that is over."""

    account: Account
    catalog: Catalog
    at: datetime
    todo: Plan | None = None


Wish = tuple[Told, Then | None]
"""What is said of a change, and the account after it; None: it is refused."""


def moment(written: str, zone: str) -> datetime:
    """A day, from its midnight in the tenant's zone, or a moment with its own."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise LookupError(
            f'"{written}" is no moment; write 2026-12-24, or 2026-12-24T18:00:00Z'
        ) from None
    if at.year not in YEARS:
        raise LookupError(f"{written} is too far off; say one of {FIRST} to {LAST}")
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def seen(job: Work, at: datetime) -> Then:
    """As it was, by what had been said until then; or as it will be, if nothing is."""
    if at < job.desk.clock.now():
        with job.desk.database.read() as tx:
            events = operations.taken_in(tx, job.account.id)
        return Then(as_of(job.account, events, job.catalog, at), job.catalog, at)
    _stand(job, at)
    todo = _planned(job)
    return Then(todo.account, job.catalog, at, todo)


def changed(
    job: Work,
    name: str,
    written: str,
    then: Then,
    group: str | None = None,
    theirs: Theirs | None = None,
) -> Wish:
    """What follows if somebody asks for that change then; *group*: of another one;
    *theirs*: its price at the billing platform."""
    if group is not None:
        job.account = replace(job.account, group=group)
        then = replace(then, account=replace(then.account, group=group))
    account, catalog = then.account, then.catalog
    service = changing.service_of(account, name)
    question = changing.wished(account, name, catalog, written, then.at)
    said, decision = changing.told(question), changing.decided(question)
    if decision.verdict in {Verdict.REFUSED, Verdict.KEEP}:
        return said, None
    _stand(job, then.at)
    job.events = (*job.events, *_words(service, decision, then.at))
    todo = _planned(job)
    after = Then(todo.account, then.catalog, then.at, todo)
    said |= changing.promised(question, decision, catalog.version, job.desk.keys)
    said |= comparing.compared(question, decision, theirs) if theirs else {}
    return said | {"data": _data(after, service, decision)}, after


def _planned(job: Work) -> Plan:
    """While a sum is under way no other would be sent."""
    return job.plan(unsure=job.live.in_flight is not None)


def _stand(job: Work, at: datetime) -> None:
    job.desk = replace(job.desk, clock=Standing(at))


def _words(service: Service, decision: Decision, at: datetime) -> Iterator[Event]:
    """The words of a platform that would make it so."""
    coming = decision.next.choice if decision.next else None
    for no, (choice, later) in enumerate(((decision.now, False), (coming, True))):
        if choice:
            yield Event(
                id=f"thought of {no}",
                source="",
                type=Type.CHANGE,
                occurred_at=at,
                sequence=2**31 + no,
                arrival=2**62 + no,
                service=service.ref,
                product=choice.package,
                quantity=choice.quantity,
                extras=choice.extras,
                at_period_end=later,
                approved=True,
            )


def _data(after: Then, was: Service, decision: Decision) -> list[str]:
    """When what is too much is taken away, and data of what goes deleted (D9, D10)."""
    account, catalog = after.account, after.catalog
    service = account.service(was.ref) or was
    if coming := decision.next:
        to = coming.choice
        told = telling.foreseen(account, service, to, catalog, coming.at)
    else:
        told = telling.said(account, service, catalog, after.at)
    return [str(render(each)) for each in told]


def told(then: Then) -> Told:
    """What each service may use then, and of what, and its time."""
    return {
        "at": then.at.isoformat(),
        "services": [of_service(then, service) for service in then.account.services],
    }


def of_service(then: Then, service: Service) -> Told:
    lies = acting.along(then.account, service, then.catalog)
    limits = acting.explained(then.account, service, then.catalog, then.at)
    return {
        "service": service.ref,
        "package": service.package,
        "active": service.alive,
        "holds": [hold.value for hold in service.holds],
        "limits": [
            {
                "name": limit.name,
                "value": str(limit.value),
                "of": [f"{s.what} {s.name}: {s.value}" for s in limit.sources],
            }
            for limit in limits
        ],
        "time": [_segment(segment) for segment in lies.film],
    }


def _segment(segment: Segment) -> Told:
    return {
        "starts": segment.starts.isoformat(),
        "ends": segment.ends and segment.ends.isoformat(),
        "package": segment.package,
        "quantity": segment.base.sold.quantity,
        "why": segment.why.value,
    }
