"""Bring one account in line: claim, load, plan, note, act, note."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge import binding, boundaries, protocol, work, writes
from bridge.clock import Clock
from bridge.keys import Keys
from bridge.protocol import Waiting
from bridge.store import accounts, attempts, books, lanes, operations
from bridge.store.attempts import Attempt
from bridge.store.database import Database
from bridge.store.lanes import Lane
from bridge.words import render
from bridge.work import Backends, Pace, Work
from bridge.writes import Adoption, Granting, Write
from provisioning.core.catalog import Catalog
from provisioning.core.events import Hold, Type
from provisioning.core.outcomes import Broken, Later, Refused
from provisioning.core.plan import Fate, Plan, Ruling, plan
from provisioning.core.sentences import Sentence, say

log = logging.getLogger(__name__)

PAYMENTS = (Type.TOPUP, Type.RENEWED)
WORDS = tuple(type_ for type_ in Type if type_ not in PAYMENTS)


@dataclass(frozen=True, slots=True)
class Runner:
    database: Database
    backends: Backends
    catalog: Catalog
    keys: Keys
    clock: Clock
    pace: Pace

    def run(self) -> bool:
        """Take the lane that waited longest as far as it goes. False: none is due."""
        with self.database.change() as tx:
            lane = lanes.claim(tx, self.clock.now(), self.pace.lease)
        if lane is None:
            return False
        boundaries.passed("claimed")
        try:
            self._run(lane)
        except lanes.Fenced as lost:
            log.warning("%s; what was not noted will be looked for", lost)
        boundaries.passed("final state")
        return True

    def next_due(self) -> float | None:
        """Seconds until a lane comes due, if any will."""
        with self.database.read() as tx:
            due = lanes.next_due(tx)
        return (due - self.clock.now()).total_seconds() if due else None

    def _run(self, lane: Lane) -> None:
        try:
            self._sort(lane) if lane.is_intake else self._bring(lane)
        except lanes.Fenced:
            raise
        except Waiting as wait:
            self._look_later(lane, wait)
        except Later as later:
            self._try_again(lane, later)
        except (Refused, Broken) as no:
            self._park(lane, say(type(no).__name__.lower(), reason=no))
        except Exception as bug:
            log.exception("lane %s", lane.key)
            self._isolate(lane)
            # Only its kind: a database's message quotes what it was given.
            self._try_again(lane, Later(f"an error of ours ({type(bug).__name__})."))

    def _sort(self, lane: Lane) -> None:
        """Waiting events go to the accounts they turn out to be for."""
        with self.database.change() as tx:
            at = self.clock.now()
            lanes.hold(tx, lane, at + self.pace.lease)
            binding.sort(tx, lane.key, self.catalog, self.keys, at)
            lanes.release(tx, lane, due=None)

    def _bring(self, lane: Lane) -> None:
        """Plan and do one step, look, and plan again, until nothing is left to do."""
        job = self._load(lane)
        try:
            if job.in_flight is None:
                job.look()
            elif not protocol.settle(job, job.in_flight):
                self._wait(job, job.in_flight)
        except (Later, Broken):
            self._only_take_in(job)
            raise
        self._give_up_in_time(lane)
        while True:
            todo = self._plan(job)
            boundaries.passed("planned")
            step = _next(job, todo)
            if isinstance(step, Granting) and not self._trusts(job):
                continue
            if step is None:
                self._finish(job, todo)
                return
            attempt = self._note(job, todo, step)
            protocol.act(job, step, attempt, self.keys)

    def _trusts(self, job: Work) -> bool:
        """Only sums wait for their balance; levels, abuse first of all, went before."""
        try:
            return protocol.trusts(job)
        except Later:
            self._only_take_in(job)
            raise

    def _load(self, lane: Lane) -> Work:
        return work.load(self.database, self.clock, self.pace, lane, self.backends)

    def _give_up_in_time(self, lane: Lane) -> None:
        """What never gets a clear answer would else be sent and looked for for ever."""
        since = lane.failing_since
        if since and self.clock.now() - since > self.pace.give_up:
            raise Broken(f"no clear answer since {since:%Y-%m-%d %H:%M} UTC")

    def _plan(self, job: Work) -> Plan:
        return plan(
            job.account,
            job.events,
            seen=job.state,
            ledger=job.ledger,
            catalog=self.catalog,
            at=self.clock.now(),
            unsure=job.person is not None,
        )

    def _note(self, job: Work, todo: Plan, step: Write) -> Attempt:
        """One commit: what the events did to account and books, and what comes next."""
        with job.change() as (tx, at):
            _take_in(tx, job, todo, at)
            attempt = protocol.intend(tx, job, step, at)
        _taken_in(job, todo)
        boundaries.passed("intent noted")
        return attempt

    def _only_take_in(self, job: Work) -> None:
        """The backend cannot be seen; what was said and paid counts all the same."""
        todo = self._plan(job)
        with job.change() as (tx, at):
            _take_in(tx, job, todo, at)
        _taken_in(job, todo)

    def _isolate(self, lane: Lane) -> None:
        """An event that cannot be taken in does not hold up the others: park it."""
        events = self._load(lane).events if not lane.is_intake else ()
        for event in events:
            job = self._load(lane)
            job.events = (event,)
            try:
                self._only_take_in(job)
            except (lanes.Fenced, Later):
                raise
            except Exception as bug:
                log.exception("event %s of %s", event.id, event.source)
                why = say("poison", kind=type(bug).__name__)
                with job.change() as (tx, at):
                    operations.rule(tx, [Ruling(event, Fate.PARKED, why)], at)

    def _finish(self, job: Work, todo: Plan) -> None:
        """All is as it should be: say so of every event, and give the lane back."""
        key = job.lane.key
        with job.change() as (tx, at):
            _take_in(tx, job, todo, at)
            unsettled = books.unsettled(tx, key)
            held = [event for event, state in unsettled.items() if state == "open"]
            if job.refused:
                why = say("refused", reason=job.refused)
                operations.turn(tx, key, Fate.PARKED, at, why=why, types=WORDS)
            operations.turn(
                tx, key, Fate.DONE, at, but=list(unsettled),
                types=PAYMENTS if job.refused else None,
            )  # fmt: skip
            if held:
                why = todo.held or say("held_currency", ours=job.account.currency)
                operations.turn(tx, key, Fate.PARKED, at, why=why, only=held)
            self._give_back(tx, job.lane, at, None)

    def _wait(self, job: Work, attempt: Attempt) -> None:
        """Too early to tell. Words and money are taken in, and nothing is sent.

        But abuse goes first: the account is switched off at once.
        """
        todo = self._plan(job)
        abused = any(Hold.ABUSE in s.holds for s in todo.account.services)
        if abused and job.state and job.state.on:
            protocol.overtake(job, attempt)
            return
        with job.change() as (tx, at):
            _take_in(tx, job, todo, at)
            protocol.say_unsure(tx, job, attempt, at)
        raise Waiting(protocol.next_look(attempt, at))

    def _look_later(self, lane: Lane, wait: Waiting) -> None:
        with self.database.change() as tx:
            since = lane.failing_since or self.clock.now()
            lanes.release(tx, lane, due=wait.due, tries=lane.tries, failing_since=since)

    def _try_again(self, lane: Lane, later: Later) -> None:
        """Ever later, with jitter: a backend that comes back is not run over."""
        at = self.clock.now()
        since = lane.failing_since or at
        if at - since > self.pace.give_up:
            self._park(lane, say("gave_up", since=since.isoformat(), reason=later))
            return
        step = self.pace.retry[min(lane.tries, len(self.pace.retry) - 1)]
        wait = later.after or step * random.uniform(0.5, 1)  # noqa: S311 - only jitter
        with self.database.change() as tx:
            why = say("later", reason=later, next=(at + wait).isoformat())
            operations.explain(tx, lane.key, why, at)
            lanes.release(
                tx, lane, due=at + wait, tries=lane.tries + 1, failing_since=since
            )

    def _park(self, lane: Lane, why: Sentence) -> None:
        """Nothing more is tried until something new is said, or a person says retry."""
        log.error("lane %s parked: %s", lane.key, render(why))
        with self.database.change() as tx:
            at = self.clock.now()
            operations.turn(tx, lane.key, Fate.PARKED, at, why=why)
            operations.shelve(tx, lane.key, at - self.pace.give_up, why, at)
            self._give_back(tx, lane, at, self.pace.retry[-1])

    def _give_back(
        self, tx: sa.Connection, lane: Lane, at: datetime, pause: timedelta | None
    ) -> None:
        """Due again only where something is still to be looked at or taken in."""
        look = attempts.next_look(tx, lane.key, at)
        more = at if operations.waiting(tx, lane.key) else None
        due = min((moment for moment in (look, more) if moment), default=None)
        if due and pause:
            due = max(due, at + pause)
        lanes.release(tx, lane, due=due)


def _next(job: Work, todo: Plan) -> Write | None:
    """Levels before money, and one write at a time."""
    if job.seen and job.account.remote is None:
        return Adoption(job.seen.ref)
    levels = () if job.refused else todo.levels
    step = next(iter((*levels, *todo.flows)), None)
    return writes.writing(step) if step else None


def _take_in(tx: sa.Connection, job: Work, todo: Plan, at: datetime) -> None:
    job.account = accounts.save(tx, job.account, todo.account)
    operations.rule(tx, todo.rulings, at)
    books.book(tx, job.account.id, todo.bookings, at)


def _taken_in(job: Work, todo: Plan) -> None:
    """Only once it is committed: what was rolled back is still to be heard."""
    job.events = ()
    job.ledger = replace(job.ledger, open=job.ledger.open + todo.bookings)
