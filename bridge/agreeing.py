"""A change that waits for an admin: what agreeing to it would do, and its price."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bridge import approving, changing, planned
from bridge.ahead import Then
from bridge.app import Parts
from bridge.preview import preview
from bridge.steps import steps
from bridge.store import operations
from bridge.store.operations import Operation
from bridge.words import render
from provisioning.core import approval, quote
from provisioning.core.asking import Question
from provisioning.core.choices import Scheduled
from provisioning.core.digest import digest
from provisioning.core.events import Event
from provisioning.core.heard import Fate
from provisioning.core.outcomes import Refused
from provisioning.core.plan import Plan
from provisioning.core.quote import Quote
from provisioning.core.sentences import minute


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change that waits, its account before and after it, and what would be done."""

    operation: Operation
    event: Event
    question: Question
    before: Then
    after: Then
    todo: Plan

    @property
    def hash(self) -> str:
        """Of what would be done, and of the change that it is done for."""
        return digest((self.todo.hash, self.operation.name))

    def ordered(self, because: str, by: str) -> dict[str, Any]:
        """What the order `plan.apply` says, for it to be done as it is here."""
        return planned.ordered(
            self.todo, because, by, operation=self.operation.id, hash_=self.hash
        )


def waiting(found: Iterable[Operation]) -> list[dict[str, Any]]:
    """What is said of each without asking its backend."""
    return [
        {
            "event": each.name,
            "account": each.lane,
            "service": each.service,
            "since": each.changed_at,
            "from": dict(each.why.parts)["has"] if each.why else None,
            "to": dict(each.why.parts)["to"] if each.why else None,
        }
        for each in found
    ]


def proposed(parts: Parts, name: str) -> Proposed:
    """LookupError, where it does not wait; Refused, where agreeing would do nothing."""
    with parts.database.read() as tx:
        found = approving.named(tx, name)
        event = operations.event_of(tx, found.id)
    job, todo = preview(found.lane, parts.runner.desk, parts.editions, event)
    ruling = next(r for r in todo.rulings if r.event.arrival == event.arrival)
    service = job.account.service(event.service)
    if ruling.fate is not Fate.WORKING or service is None:
        raise Refused(render(ruling.why) or f"it would be {ruling.fate}")
    at, catalog = parts.clock.now(), job.catalog
    question = approval.question(job.account, service, event, catalog)
    before, after = Then(job.account, catalog, at), Then(todo.account, catalog, at)
    return Proposed(found, event, question, before, after, todo)


def told(change: Proposed) -> dict[str, Any]:
    """All there is to say of it."""
    question, offer = change.question, _offer(change)
    losses = changing.decided(question).losses
    return {
        "event": change.operation.name,
        "account": change.operation.lane,
        "service": change.event.service,
        "asked": minute(change.event.occurred_at),
        "from": changing.chosen(question.has.choice),
        "to": changing.chosen(question.to),
        "when": "with the next period" if change.event.at_period_end else "at once",
        "due": str(offer.amount_due) if offer else None,
        "lines": changing.lines(offer) if offer else [],
        "losses": [changing.less(each) for each in losses],
        "steps": steps(change.todo),
        "hash": change.hash,
    }


def _offer(change: Proposed) -> Quote | None:
    """What it costs by our list on the day it was asked; its platform bills it."""
    question = change.question
    if question.has_what_is_not_listed() or question.is_unknown():
        return None
    prices, has, to, at = question.prices, question.has, question.to, question.at
    if change.event.at_period_end:
        coming = Scheduled(to, has.turns(at))
        return quote.renewal(prices, replace(has, next=coming), at)
    return quote.change(prices, has, to, at, had=question.had)
