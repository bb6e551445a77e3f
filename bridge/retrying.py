"""What would become of stuck events, were they planned anew now; nothing is noted.

Each by itself: what another one of the same account changes first is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from bridge.desk import Desk
from bridge.editions import Editions
from bridge.preview import AT_ONCE, loaded, look
from bridge.steps import steps
from bridge.store import operations
from bridge.store.lanes import INTAKE
from bridge.store.operations import Operation
from bridge.work import Work
from provisioning.core.events import Event
from provisioning.core.heard import Fate, Ruling
from provisioning.core.outcomes import Outcome
from provisioning.core.plan import Plan
from provisioning.core.sentences import Sentence

STUCK = {Fate.PARKED, Fate.REFUSED}


@dataclass(frozen=True, slots=True)
class Retried:
    told: Operation
    steps: tuple[str, ...] = ()
    again: Sentence | None = None
    """Why it would be stuck again."""

    fault: str | None = None
    """Why nobody can say."""

    @property
    def goes_on(self) -> bool:
        return self.again is None and self.fault is None


def retried(
    these: Sequence[Operation], desk: Desk, editions: Editions
) -> Iterator[Retried]:
    """In their order, a few beside each other."""
    with ThreadPoolExecutor(AT_ONCE, "retrying") as pool:
        yield from pool.map(lambda told: _retried(told, desk, editions), these)


def _retried(told: Operation, desk: Desk, editions: Editions) -> Retried:
    if told.lane.startswith(INTAKE):
        fault = "no account is known for it yet; whose it is is looked for anew"
        return Retried(told, fault=fault)
    with desk.database.read() as tx:
        event = operations.event_of(tx, told.id)
    try:
        job = loaded(told.lane, desk, editions, event)
        look(job)
        todo = _planned(job, event)
    except (Outcome, LookupError) as no:
        return Retried(told, fault=str(no))
    ruling = _ruling(todo, told.id)
    if ruling and ruling.fate in STUCK:
        return Retried(told, again=ruling.why)
    return Retried(told, tuple(steps(todo)))


def _planned(job: Work, event: Event) -> Plan:
    """As `deciding.retry` would leave it: to be planned, and its refused sums sent."""
    job.asked = None
    others = (each for each in job.events if each.arrival != event.arrival)
    job.events = (*others, event)
    mine = tuple(claim for claim in job.ledger.aside if claim.event == event.id)
    rest = tuple(claim for claim in job.ledger.aside if claim not in mine)
    job.ledger = replace(job.ledger, open=(*job.ledger.open, *mine), aside=rest)
    return job.plan(unsure=job.live.in_flight is not None)


def _ruling(todo: Plan, arrival: int) -> Ruling | None:
    return next((r for r in todo.rulings if r.event.arrival == arrival), None)
