"""What a reconciliation writes down, and wakes: each an order, so that on SQLite the
process that has the database does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge.store import drifting, facts, lanes, payload, pulled, sightings, ticks
from bridge.store.drifts import Found, Scope, State, Unseen
from bridge.store.sightings import Sighting
from provisioning.core.drift import Difference, Drift, Repair

QUIET = frozenset({"reconcile.note", "reconcile.ask_again", "reconcile.end"})
"""Steps of what one began: that stands in the audit, these in the run itself."""

Told = dict[str, Any]
Order = Callable[[str, Mapping[str, Any]], Told]


@dataclass(slots=True)
class Keeper:
    """How a run has all of it kept."""

    order: Order
    run: int = 0

    def begin(self, by: str, scope: Scope, *, applies: bool) -> int:
        told = self.order(
            "reconcile.begin",
            {"by": by, "backend": scope.backend, "source": scope.source,
             "applies": applies},
        )  # fmt: skip
        self.run = told["run"]
        return self.run

    def note(
        self,
        found: Sequence[Found],
        accounts: int,
        wake: Iterable[tuple[str, str]] = (),
        seen: Iterable[Sighting] = (),
    ) -> list[datetime]:
        """Since when each of them is so; these lanes are woken with that."""
        sightings = [[one.account, str(one.balance), one.at.isoformat()]
                     for one in seen]  # fmt: skip
        told = self.order(
            "reconcile.note",
            {"run": self.run, "accounts": accounts,
             "found": [_told(each) for each in found],
             "wake": [list(each) for each in wake], "seen": sightings},
        )  # fmt: skip
        return [datetime.fromisoformat(since) for since in told["since"]]

    def ask_again(self, source: str, tick: str, invoices: Sequence[int]) -> None:
        said = {"source": source, "tick": tick, "invoices": sorted(set(invoices))}
        self.order("reconcile.ask_again", said)

    def end(
        self, state: State, accounts: int, unseen: Sequence[Unseen], keep: timedelta
    ) -> None:
        said = [[one.what, one.count, one.why] for one in unseen]
        self.order(
            "reconcile.end",
            {"run": self.run, "state": state.value, "accounts": accounts,
             "unseen": said, "keep": keep.total_seconds()},
        )  # fmt: skip


# carried out


def begin(
    tx: sa.Connection,
    at: datetime,
    by: str,
    backend: str | None,
    source: str | None,
    applies: bool,
) -> Told:
    return {"run": drifting.begin(tx, by, Scope(backend, source), at, applies=applies)}


def note(
    tx: sa.Connection,
    at: datetime,
    run: int,
    accounts: int,
    found: Sequence[Told],
    wake: Sequence[Sequence[str]],
    seen: Sequence[Sequence[str]] = (),
) -> Told:
    """A line that says a lane is woken is kept with the wake-up, or neither is."""
    for account, backend in sorted(map(tuple, wake)):
        lanes.wake(tx, account, at, backend)
    sightings.note(
        tx,
        [
            Sighting(id_, Decimal(balance), datetime.fromisoformat(moment))
            for id_, balance, moment in seen
        ],
    )
    since = drifting.note(tx, run, [_found(each) for each in found], accounts, at)
    return {"since": [moment.isoformat() for moment in since]}


def ask_again(
    tx: sa.Connection, at: datetime, source: str, tick: str, invoices: Sequence[int]
) -> Told:
    """Its next look opens these once more."""
    facts.look_deeper(tx, source, pulled.open_again(tx, source, invoices))
    if not ticks.hurry(tx, tick, at):
        raise LookupError(f"nothing looks at source {source} yet; `switchhook serve`")
    return {"asked": source}


def end(
    tx: sa.Connection,
    at: datetime,
    run: int,
    state: str,
    accounts: int,
    unseen: Sequence[Sequence[Any]],
    keep: float,
) -> Told:
    blind = [Unseen(*one) for one in unseen]
    drifting.end(tx, run, State(state), accounts, blind, at)
    return {"pruned": drifting.prune(tx, at - timedelta(seconds=keep))}


# as JSON


def _told(each: Found) -> Told:
    line = each.line
    return {
        "subject": each.subject, "backend": each.backend, "source": each.source,
        "kind": line.kind.value, "what": line.what, "wants": line.wants,
        "has": line.has, "repair": line.repair.value,
        "why": payload.from_sentence(line.why), "in_flight": line.in_flight,
    }  # fmt: skip


def _found(told: Told) -> Found:
    why = payload.the_sentence(told["why"])
    line = Difference(
        Drift(told["kind"]), told["what"], told["wants"], told["has"],
        Repair(told["repair"]), why, told["in_flight"],
    )  # fmt: skip
    return Found(told["subject"], line, told["backend"], told["source"])


ORDERS: Mapping[str, Callable[..., Told]] = {
    "reconcile.begin": begin,
    "reconcile.note": note,
    "reconcile.ask_again": ask_again,
    "reconcile.end": end,
}
