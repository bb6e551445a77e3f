"""Bring one account in line: claim, load, plan, note, act, note."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from bridge import (
    binding,
    boundaries,
    confirming,
    dialling,
    loading,
    noting,
    protocol,
    seeing,
    taking_in,
    trusting,
    writes,
)
from bridge.dates import Dates
from bridge.desk import Desk
from bridge.editions import Editions
from bridge.endings import OUTAGE, Endings
from bridge.finishing import finish
from bridge.keys import Keys
from bridge.log import about
from bridge.logins import Logins
from bridge.store import lanes, operations
from bridge.store.attempts import Attempt
from bridge.store.database import Lost
from bridge.store.lanes import Lane
from bridge.store.switchoffs import Stopped
from bridge.work import Waiting, Work
from bridge.writes import Adoption, Changing, Granting, Purging, Write
from provisioning.core.entitlements import LOCKED
from provisioning.core.events import Hold
from provisioning.core.kept import Deletion
from provisioning.core.outcomes import Broken, Later, Outcome
from provisioning.core.plan import Plan
from provisioning.core.sentences import minute

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Runner:
    desk: Desk
    editions: Editions
    keys: Keys
    endings: Endings
    logins: Logins
    dates: Dates

    def run(self) -> bool:
        """Take the lane that waited longest as far as it goes. False: none is due."""
        for gate in self.desk.gates.refresh():
            gate.probe()
        held = self.claim(1)
        for lane in held:
            self.bring(lane, self.load(held).get(lane.key))
        return bool(held)

    def claim(self, most: int, backend: str | None = lanes.ANY) -> list[Lane]:
        """Lanes that waited longest, leased to us; none of a paused backend."""
        known = [gate.name for gate in self.desk.gates]
        paused = [gate.name for gate in self.desk.gates if gate.paused]
        with self.desk.database.change() as tx:
            at, lease = self.desk.clock.now(), self.desk.pace.lease
            lanes.reap(tx, at)
            held = lanes.claim(tx, at, lease, most, backend, paused, known)
        if held:
            boundaries.passed("claimed")
        return held

    def sort(self, most: int) -> tuple[int, list[Lane]]:
        """Sort lanes of intake that are due, all with one commit: they call nobody.

        How many were due; and those it could not do so: leased, to be brought each.
        """
        try:
            with self.desk.database.change() as tx:
                at, lease = self.desk.clock.now(), self.desk.pace.lease
                held = lanes.claim(tx, at, lease, most, backend=None)
                for lane in held:
                    if lane.is_intake:
                        self._sort(tx, lane)
        except (Lost, *OUTAGE):
            raise
        except Exception:
            log.exception("lanes of intake could not be sorted together")
            held = self.claim(most, backend=None)
            return len(held), held
        return len(held), [lane for lane in held if not lane.is_intake]

    def load(self, held: Sequence[Lane]) -> dict[str, Work | Exception]:
        """What is known of their accounts; nothing, where it cannot be read now."""
        try:
            return loading.load(
                self.desk,
                [lane for lane in held if not lane.is_intake],
                self.editions,
            )
        except Exception:
            # Each lane then loads for itself, and only the culprit's fails.
            log.exception("lanes could not be loaded together")
            return {}

    def bring(self, lane: Lane, job: Work | Exception | None) -> None:
        """As far as it goes; given back at the end, whatever happened."""
        told = job.events if isinstance(job, Work) else ()
        with about(lane=lane.key, arrivals=[event.arrival for event in told]):
            try:
                self._run(lane, job)
            except lanes.Fenced as lost:
                log.warning("%s; what was not noted will be looked for", lost)
            except (Lost, *OUTAGE) as gone:
                self.endings.after_the_outage(lane, gone)
        boundaries.passed("final state")

    def next_due(self, but: Collection[str | None] = ()) -> float | None:
        """Seconds until a lane comes due, if any will; *but* of these backends."""
        with self.desk.database.read() as tx:
            due = lanes.next_due(tx, but)
        return (due - self.desk.clock.now()).total_seconds() if due else None

    def _run(self, lane: Lane, job: Work | Exception | None) -> None:
        try:
            job = job or self._loaded(lane)
            told = isinstance(job, Work) and job.events
            try:
                self._go(lane, job)
            except Stopped as stop:
                job = self._anew(lane, stop)
                self._go(lane, job)
            if told:
                log.info("lane %s is brought in line", lane.key)
        except (lanes.Fenced, Lost, *OUTAGE):
            raise
        except Exception as why:  # noqa: BLE001 - every kind has its own ending
            self.endings.end(lane, job if isinstance(job, Work) else None, why)

    def _anew(self, lane: Lane, stop: Stopped) -> Work | Exception | None:
        """As it is on disk, and not to be switched off: its money goes on."""
        with self.desk.database.change() as tx:
            # What was not kept may have been a longer lease.
            lanes.hold(tx, lane, self.desk.clock.now() + self.desk.pace.lease)
        job = self._loaded(lane)
        if isinstance(job, Work):
            job.refused = stop
        return job

    def _loaded(self, lane: Lane) -> Work | Exception | None:
        if lane.is_intake:
            return None
        return loading.load(self.desk, [lane], self.editions)[lane.key]

    def _go(self, lane: Lane, job: Work | Exception | None) -> None:
        if isinstance(job, Exception):
            raise job
        if job is None:
            with self.desk.database.change() as tx:
                until = self.desk.clock.now() + self.desk.pace.lease
                lanes.hold(tx, lane, until)
                self._sort(tx, lane)
            return
        if lane.backend is None:
            self._name(job)
            return
        if lane.confirmed is not None:
            confirming.take_up(job)
        self._bring(job)

    def _name(self, job: Work) -> None:
        """Whose lane it is; who works for that backend takes it, and not we.

        A backend that hangs would else hold up those that sort.
        """
        lane = job.lane
        with job.change() as (draft, at):
            lanes.name(draft, lane, job.account.backend)
            since = lane.failing_since
            lanes.release(draft, lane, due=at, tries=lane.tries, failing_since=since)

    def _sort(self, tx: sa.Connection, lane: Lane) -> None:
        """Waiting events go to the accounts they turn out to be for."""
        at = self.desk.clock.now()
        catalog = self.editions.now(tx)
        binding.sort(tx, lane.key, catalog, self.keys, at, self.logins)
        lanes.release(tx, lane, due=None)

    def _bring(self, job: Work) -> None:
        """Plan and do one step, look, and plan again, until nothing is left to do."""
        try:
            if job.live.in_flight is None:
                seeing.look(job)
            elif not protocol.settle(job, job.live.in_flight):
                self._wait(job, job.live.in_flight)
        except (Later, Broken):
            taking_in.only_take_in(job)
            raise
        self._give_up_in_time(job.lane)
        while True:
            todo = confirming.agreed(job)
            boundaries.passed("planned")
            if todo is None:
                return
            step = _next(job, todo)
            if not self._ready(job, todo, step):
                continue
            if step is None:
                finish(job, todo, self.logins, self.dates)
                return
            attempt, answer = self._act(job, todo, step)
            protocol.conclude(job, attempt, answer)

    def _ready(self, job: Work, todo: Plan, step: Write | None) -> bool:
        """Whether it may be taken as it was planned; else all is planned anew."""
        if _may_dial(job, step):
            dialling.silence(job)
        if _deletes(step):
            self._hear_all_first(job)
        if _reckons_first(job, todo, step):
            self._trust(job)
            return False
        return not isinstance(step, Granting) or self._may_send(job, todo, step)

    def _act(
        self, job: Work, todo: Plan, step: Write
    ) -> tuple[Attempt, Outcome | None]:
        with job.gate.turn(job.keep_the_lease):
            attempt = self._note(job, todo, step)
            return attempt, protocol.send(job, step, attempt, self.keys)

    def _hear_all_first(self, job: Work) -> None:
        """There is no way back, and a word may wait that revives or unlocks it."""
        with self.desk.database.read() as tx:
            waiting = operations.waiting(tx, job.lane.key)
        told = {event.arrival for event in job.events}
        if job.more or any(event.arrival not in told for event in waiting):
            taking_in.only_take_in(job)
            raise Waiting(self.desk.clock.now())

    def _may_send(self, job: Work, todo: Plan, step: Granting) -> bool:
        """Only sums wait for their balance; levels, abuse first of all, went before."""
        try:
            return trusting.trusts(job) and not trusting.found(job, todo, step.claim)
        except (Later, Broken, Waiting):
            taking_in.only_take_in(job)
            raise

    def _trust(self, job: Work) -> None:
        """What depends on the balance is not reckoned from one that lags behind."""
        try:
            job.trusted = trusting.trusts(job)
        except Later:
            taking_in.only_take_in(job)
            raise

    def _give_up_in_time(self, lane: Lane) -> None:
        """What never gets a clear answer would else be sent and looked for for ever."""
        since = lane.failing_since
        if since and self.desk.clock.now() - since > self.desk.pace.give_up:
            raise Broken(f"no clear answer since {minute(since)}")

    def _note(self, job: Work, todo: Plan, step: Write) -> Attempt:
        """One commit: the end of the write before this one, what the events did to
        account and books, and what comes next."""
        if job.proven and _switches_off(step):
            # What has arrived must not be lost where this is not let through.
            job.commit()
        with job.note() as (draft, at):
            taking_in.take_in(job, draft, todo, at)
            job.hold_for_a_call(draft, at)
            attempt = protocol.intend(draft, job, step, at)
        [id_] = job.commit()
        attempt = replace(attempt, id=id_)
        job.began(attempt)
        boundaries.passed("intent noted")
        return attempt

    def _wait(self, job: Work, attempt: Attempt) -> None:
        """Too early to tell. Words and money are taken in, and nothing is sent.

        But abuse goes first: the account is switched off at once.
        """
        todo = job.plan()
        abused = any(Hold.ABUSE in s.holds for s in todo.account.services)
        if abused and job.state and job.state.on:
            noting.overtake(job, attempt)
            return
        with job.change() as (draft, at):
            taking_in.take_in(job, draft, todo, at)
            noting.say_unsure(draft, job, attempt, at)
        raise Waiting(noting.next_look(attempt, at))


def _switches_off(step: Write) -> bool:
    return isinstance(step, Changing) and step.change.on is False


def _deletes(step: Write | None) -> bool:
    """The account, or the data of something it lost."""
    if not isinstance(step, Changing):
        return isinstance(step, Purging)
    locked = step.change.entitlements.get(LOCKED)
    told = locked if isinstance(locked, tuple) else ()
    return any(isinstance(one, Deletion) and one.done for one in told)


def _may_dial(job: Work, step: Write | None) -> bool:
    """It is off as it should be, and nobody has looked whether its campaigns are."""
    levels_are_done = step is None or isinstance(step, Granting | Purging)
    to_look = job.limits.campaigns and not job.silenced
    to_look = to_look and not job.account.observed_at
    return job.is_off and levels_are_done and to_look


def _reckons_first(job: Work, todo: Plan, step: Write | None) -> bool:
    """Levels go before; other sums may have to pay what is reckoned."""
    waits = todo.reckons and job.seen and not job.trusted
    return bool(waits) and (step is None or isinstance(step, Granting))


def _next(job: Work, todo: Plan) -> Write | None:
    """Levels before money, and one write at a time."""
    if job.seen and job.account.remote is None:
        return Adoption(job.seen.ref)
    levels = () if job.refused else todo.levels
    purge = () if job.refused else todo.purge
    step = next(iter((*levels, *todo.flows, *purge)), None)
    return writes.writing(step) if step else None
