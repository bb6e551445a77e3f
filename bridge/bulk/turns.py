"""What was ordered for many at once is done here, a turn at a time, by a worker.

Each page is kept before the next is begun: whoever goes on begins where it was left.
What is confirmed goes the way of every plan that somebody confirms.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from bridge import planned, roster
from bridge.access.who import Who
from bridge.adoptions import ALREADY
from bridge.batching import BULK
from bridge.bulk import fleet, many
from bridge.bulk.many import AHEAD, PAGE
from bridge.config import Caps
from bridge.desk import Desk
from bridge.editions import Editions
from bridge.preview import Seen, previews
from bridge.roster import Fault
from bridge.store import batches, register
from bridge.store.batches import Batch, Kind, Line, New, One, State
from bridge.store.confirmations import State as Confirmed
from bridge.store.register import Which
from bridge.ticks import Tick
from provisioning.core.outcomes import Outcome

EVERY = timedelta(seconds=2)
TURN = 2.0
"""Seconds after which it is the next one's turn; a process that ends waits so long."""

Order = Callable[..., dict[str, Any]]
"""order(WHO, NAME, **said)."""


@dataclass(frozen=True, slots=True)
class Bulk:
    desk: Desk
    editions: Editions
    caps: Mapping[str, Caps]
    order: Order

    @property
    def tick(self) -> Tick:
        return Tick(BULK, EVERY, self.run)

    def run(self, _at: datetime | None = None) -> None:
        """Page by page, each batch in its turn, until nothing is left or time is up."""
        until = time.monotonic() + TURN
        while time.monotonic() < until:
            with self.desk.database.read() as tx:
                open_ = batches.under_way(tx)
            done = [self._page(batch) for batch in open_ if self._goes_on(batch)]
            if not any(done):
                return

    def _page(self, batch: Batch) -> bool:
        """Whether anything was done."""
        try:
            return _WAYS[batch.kind, batch.state](self, batch)
        except Outcome as later:
            self._say(batch, str(later))
            return False
        except (KeyError, IndexError):
            raise  # A slip of ours is no answer.
        except LookupError as wrong:
            self._turn(batch, State.STOPPED, said=str(wrong), stopped_at=self._now)
            return False

    def _goes_on(self, batch: Batch) -> bool:
        """Whether nobody stopped it since it was read."""
        with self.desk.database.read() as tx:
            found = batches.named(tx, batch.name)
        return found is not None and found.state is batch.state

    @property
    def _now(self) -> datetime:
        return self.desk.clock.now()

    def _say(self, batch: Batch, said: str) -> None:
        if batch.said != said:
            self._turn(batch, batch.state, said=said)

    def _turn(self, batch: Batch, to: State, **more: Any) -> None:
        with self.desk.database.change() as tx:
            batches.turn(tx, batch.name, [batch.state], to, **more)

    # --- brought in line

    def look_at_accounts(self, batch: Batch) -> bool:
        """The next page of those that were chosen."""
        told = batch.which
        named: list[One] = []
        limit = told["limit"]
        left = PAGE if limit is None else max(min(PAGE, limit - batch.looked), 0)
        with self.desk.database.read() as tx:
            if told["named"]:
                named = batches.lines(tx, batch.name, most=left, states=[Line.NAMED])
                page = [one.about for one in named]
            else:
                which = Which(told["backend"], told["source"], told["package"])
                page = register.page(tx, which, batch.cursor, left)
        if not page:
            self._turn(batch, State.SHOWN, said=None)
            return True
        ids = many.ids(self.desk.database, page) if named else page
        self.desk.gates.learn()
        seen = [
            one
            for one in previews([ids], self.desk, self.editions)
            if told["state"] in {None, many.state(one)}
        ]
        lines = [kept for one in seen if (kept := many.line(one))]
        with self.desk.database.change() as tx:
            if batches.looked(tx, batch.name, lines, len(page), page[-1]):
                batches.drop(tx, [one.id for one in named])
        return True

    def bring_in_line(self, batch: Batch) -> bool:
        """The next page of what was shown, as it was shown, or not at all."""
        with self.desk.database.read() as tx:
            course = batches.course(tx, batch.name)
            page = batches.lines(tx, batch.name, most=PAGE, states=[Line.SHOWN])
        if not page:
            self._turn(batch, State.DONE, said=None)
            return True
        if course.ended.get(Confirmed.OPEN, 0) > AHEAD - PAGE:
            return False
        by_account = {one.about: one for one in page}
        self.desk.gates.learn()
        for seen in previews([list(by_account)], self.desk, self.editions):
            if not self._goes_on(batch):
                return True
            shown = by_account[seen.account]
            became, why = self._given(batch, seen, shown)
            with self.desk.database.change() as tx:
                batches.mark(tx, shown.id, became, why)
        return True

    def _given(self, batch: Batch, seen: Seen, shown: One) -> tuple[Line, str | None]:
        """What became of it, and why where that is to be said."""
        if seen.todo is None:
            return Line.LEFT, seen.fault
        if not seen.todo.steps:
            return Line.ALREADY, None
        if seen.todo.hash != shown.hash:
            return Line.CHANGED, None
        by = batch.confirmed_by or batch.made_by
        said = planned.ordered(seen.todo, batch.because or "", by, batch.name)
        try:
            told = self.order(Who(by, "console"), "plan.apply", **said)
        except LookupError as no:
            return Line.LEFT, str(no)
        given = told["confirmation"] is not None
        return (Line.GIVEN if given else Line.CHANGED), None

    # --- taken over

    def _hands(self, batch: Batch) -> fleet.Hands:
        with self.desk.database.read() as tx:
            catalog = self.editions.now(tx)
        who = Who(batch.confirmed_by or batch.made_by, "console")
        return fleet.Hands(self.desk, catalog, self.caps, partial(self.order, who))

    def look_at_fleet(self, batch: Batch) -> bool:
        hands, done = self._hands(batch), batch.looked
        rows = roster.read(
            io.StringIO(batch.file or ""), batch.which["source"], hands.catalog
        )
        page = list(islice(rows, done, done + fleet.PAGE))
        if not page:
            self._turn(batch, State.SHOWN, said=None)
            return True
        lines = [
            _of_fleet(seen, batch.name, hands)
            for seen in fleet.looked(hands, page, lambda _: batch.name)
        ]
        with self.desk.database.change() as tx:
            batches.looked(tx, batch.name, lines, len(page), str(done + len(page)))
        return True

    def take_fleet(self, batch: Batch) -> bool:
        hands = self._hands(batch)
        with self.desk.database.read() as tx:
            page = batches.lines(tx, batch.name, most=fleet.PAGE, states=[Line.SHOWN])
        if not page:
            self._turn(batch, State.DONE, said=None)
            return True
        written = "\n".join(json.dumps(one.content) for one in page)
        plans = list(roster.plan_of(io.StringIO(written), hands.catalog))
        by_line = {one.content["line"]: one for one in page}
        for ended in list(fleet.take(hands, plans, batch.because or "")):
            state, said = _BECAME[ended.how], ended.fault.why if ended.fault else None
            if ended.moved:
                said = "with another balance than was planned"
            with self.desk.database.change() as tx:
                batches.mark(tx, by_line[ended.line].id, state, said)
        return True


_BECAME = {
    fleet.ADOPTED: Line.DONE,
    fleet.ALREADY_OURS: Line.ALREADY,
    fleet.WRONG: Line.WRONG,
}
_WAYS: Mapping[tuple[Kind, State], Callable[[Bulk, Batch], bool]] = {
    (Kind.REPROVISION, State.LOOKING): Bulk.look_at_accounts,
    (Kind.REPROVISION, State.APPLYING): Bulk.bring_in_line,
    (Kind.ADOPT, State.LOOKING): Bulk.look_at_fleet,
    (Kind.ADOPT, State.APPLYING): Bulk.take_fleet,
}


def _of_fleet(seen: fleet.Seen | Fault, batch: str, hands: fleet.Hands) -> New:
    if isinstance(seen, Fault):
        return New(f"line {seen.line}", Line.WRONG, {}, said=seen.why)
    service = seen.row.customer.service
    if seen.says == ALREADY:
        return New(service, Line.ALREADY, {})
    made = roster.planned(seen.row, seen.found, batch, hands.catalog)
    sort = "bind, and it differs" if made["differs"] else "bind"
    return New(service, Line.SHOWN, made, sort, made["hash"])
