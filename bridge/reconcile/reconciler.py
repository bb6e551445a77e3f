"""One reconciliation from begin to end: each line is kept as soon as it is found."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.desk import Desk
from bridge.editions import Editions
from bridge.pulls.pull import Pull
from bridge.reconcile.accounts import Accounts, Page
from bridge.reconcile.billing import Billing
from bridge.reconcile.foreign import Foreign
from bridge.reconcile.keeping import Keeper, Order
from bridge.reconcile.unseen import Blind
from bridge.store import register
from bridge.store.drifts import Found, Scope, State, Unseen
from bridge.store.register import Which
from bridge.store.sightings import Sighting
from provisioning.core.drift import Repair
from provisioning.core.outcomes import Outcome

log = logging.getLogger(__name__)

ALIVE = 10.0
"""Seconds after which a run says that it is still there, whatever it found."""

AT_ONCE = 250
"""Lines kept with one commit."""

EVERYTHING = Scope()
Tell = Callable[[Found, datetime], None]
Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Result:
    run: int
    state: State
    accounts: int
    lines: Mapping[tuple[str, str], int]
    """By kind and repair; what was in flight is not among them."""

    in_flight: int
    unseen: tuple[Unseen, ...]

    @property
    def differences(self) -> int:
        """Those that somebody, or something, is to do something about."""
        return sum(self.lines.values()) - self.left_alone

    @property
    def left_alone(self) -> int:
        """Strangers' accounts, and those that are only looked at."""
        alone = (n for (_, repair), n in self.lines.items() if repair == Repair.NOTHING)
        return sum(alone)


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Reconciler:
    desk: Desk
    editions: Editions
    pulls: Mapping[str, Pull]
    tick_of: Callable[[str], str]
    """How the tick is called that looks at a source."""

    sources: Collection[str]
    """All there are; of those without a pull nobody can be asked."""

    order: Order
    reporting: frozenset[str]
    keep: timedelta
    """How long runs are kept."""

    ending: threading.Event = field(default_factory=threading.Event)
    """Set when it is to break off."""

    def total(self, scope: Scope) -> int:
        with self.desk.database.read() as tx:
            return register.count_of(tx, _which(scope))

    def unlooked(self, scope: Scope) -> list[str]:
        """What nobody can compare, in words."""
        told = []
        if scope.backend is None:
            told += [
                f"source {name} cannot be asked what was paid: compare `switchhook"
                " reconcile sums --csv` with its own invoices"
                for name in self.sources
                if name not in self.pulls and scope.source in {None, name}
            ]
        if scope.source is None:
            told += [
                f"backend {gate.name} lists no accounts: those nobody here knows are"
                " not looked for"
                for gate in self.desk.gates
                if scope.backend in {None, gate.name}
                and not gate.backend.describe().lists_accounts
            ]
        return told

    def run(
        self,
        by: str,
        scope: Scope = EVERYTHING,
        *,
        applies: bool = False,
        tell: Tell = _nothing,
        step: Step = _nothing,
    ) -> Result:
        keeper = Keeper(self.order)
        going = _Going(
            keeper, keeper.begin(by, scope, applies=applies), applies, tell, step
        )
        state = State.STOPPED
        try:
            self._all(going, scope)
            if not self.ending.is_set():
                state = State.ENDED
        finally:
            # Ctrl-C, too: what was found is kept, and the run says how it ended.
            keeper.end(state, going.accounts, going.blind.unseen, self.keep)
        result = going.result(state)
        log.info(
            "reconciliation %d %s: %d accounts, %d differences, %d in flight",
            result.run, result.state.value, result.accounts, result.differences,
            result.in_flight,
        )  # fmt: skip
        return result

    def _all(self, going: _Going, scope: Scope) -> None:
        if scope.backend is None:
            for name, pull in self.pulls.items():
                if scope.source in {None, name}:
                    self._billing(going, name, pull)
        self._accounts(going, scope)
        if scope.source is None:
            for gate in self.desk.gates:
                lists = gate.backend.describe().lists_accounts
                if lists and scope.backend in {None, gate.name}:
                    with going.seeing(f"backend {gate.name}"):
                        looked = Foreign(self.desk.database, gate, self.ending)
                        going.take(looked.pages())

    def _billing(self, going: _Going, name: str, pull: Pull) -> None:
        before, looked = going.to_pull, Billing(pull, self.ending)
        with going.seeing(f"source {name}"):
            going.take(looked.pages(self.desk.clock.now()))
        if going.applies and going.to_pull > before:
            try:
                going.keeper.ask_again(name, self.tick_of(name), looked.missed)
            except LookupError as no:
                going.blind.to(f"source {name}", str(no))

    def _accounts(self, going: _Going, scope: Scope) -> None:
        looked = Accounts(
            self.desk, self.editions, self.reporting, going.run, going.blind,
            self.ending,
        )  # fmt: skip
        for page in looked.pages(_which(scope)):
            going.take_page(page)


def _which(scope: Scope) -> Which:
    return Which(backend=scope.backend, source=scope.source)


@dataclass(slots=True)
class _Going:
    """How far it has come."""

    keeper: Keeper
    run: int
    applies: bool
    tell: Tell
    step: Step
    blind: Blind = field(default_factory=Blind)
    accounts: int = 0
    to_pull: int = 0
    in_flight: int = 0
    lines: Counter[tuple[str, str]] = field(default_factory=Counter)
    _said: float = field(default_factory=time.monotonic)

    @contextmanager
    def seeing(self, what: str) -> Iterator[None]:
        """What stands in the way of one part is kept, and the others go on."""
        try:
            yield
        except Outcome as no:
            self.blind.to(what, str(no))

    def take(self, pages: Iterable[Sequence[Found]]) -> None:
        for found in pages:
            self._note(found)

    def take_page(self, page: Page) -> None:
        self.accounts += page.looked
        self._note(page.found, page.wake if self.applies else (), page.sightings)
        self.step(page.looked)

    def _note(
        self,
        found: Sequence[Found],
        wake: Iterable[tuple[str, str]] = (),
        seen: Sequence[Sighting] = (),
    ) -> None:
        if not found and not seen and time.monotonic() < self._said + ALIVE:
            return
        for start in range(0, max(len(found), 1), AT_ONCE):
            some = found[start : start + AT_ONCE]
            since = self.keeper.note(some, self.accounts, wake, seen)
            self._said, wake, seen = time.monotonic(), (), ()
            for each, moment in zip(some, since, strict=True):
                self._count(each)
                self.tell(each, moment)

    def _count(self, each: Found) -> None:
        line = each.line
        if line.in_flight:
            self.in_flight += 1
            return
        self.lines[line.kind.value, line.repair.value] += 1
        self.to_pull += line.repair is Repair.PULL

    def result(self, state: State) -> Result:
        return Result(
            self.run, state, self.accounts, dict(self.lines), self.in_flight,
            self.blind.unseen,
        )  # fmt: skip
