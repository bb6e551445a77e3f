"""How a run ends that cannot go on: the lane is given back, and why is said."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge import jitter, loading, taking_in
from bridge.desk import Desk
from bridge.editions import Editions
from bridge.store import accounts, attempts, confirmations, fates, lanes, operations
from bridge.store.confirmations import State
from bridge.store.database import Lost
from bridge.store.drafts import Draft
from bridge.store.lanes import Lane
from bridge.store.payload import Newer
from bridge.words import render
from bridge.work import Waiting, Work
from provisioning.core.events import Event
from provisioning.core.heard import Fate, Ruling
from provisioning.core.outcomes import Broken, Later, Refused
from provisioning.core.sentences import Sentence, say

log = logging.getLogger(__name__)

AGAIN = timedelta(milliseconds=100)
"""Until a lane is taken again that somebody else wrote to while it was ours."""

CLASHES = 3
"""How often in a row that may be so; more often, it is the event's own fault."""

OTHERS = timedelta(seconds=5)
"""Left to a newer version for so long."""

OUTAGE = (sa.exc.OperationalError, sa.exc.InterfaceError)
"""It is the database that failed, not what it was told."""

CLASH = (accounts.Moved, sa.exc.IntegrityError)
"""Somebody else wrote to the account; or, the latter, an event that fits nowhere."""


@dataclass(frozen=True, slots=True)
class Endings:
    desk: Desk
    editions: Editions

    def end(self, lane: Lane, job: Work | None, why: Exception) -> None:
        """*job*: as far as it came, with what was noted and is not on disk yet."""
        ending = next(ending for kind, ending in _ENDINGS if isinstance(why, kind))
        try:
            ending(self, lane, job, why)
        except (lanes.Fenced, Lost, *OUTAGE):
            raise
        except Exception as failed:  # noqa: BLE001 - the lane is given back all the same
            self._end_anew(lane, failed)

    def _end_anew(self, lane: Lane, failed: Exception) -> None:
        """Nothing was kept of it: the next run loads what is on disk."""
        log.warning("lane %s could not end: %s", lane.key, type(failed).__name__)
        if isinstance(failed, CLASH):
            self._soon(lane)
        else:
            later = failed if isinstance(failed, Later) else _ours(failed)
            self.try_again(lane, None, later)

    def after_the_outage(self, lane: Lane, gone: Exception) -> None:
        """Nobody knows what of ours was kept: the database says, when it is back.

        While the lease lasts the lane is given back; then anybody may take it. Either
        way it is loaded anew, and an attempt whose end is not noted is looked for.
        """
        log.error("lane %s: the database failed: %s", lane.key, type(gone).__name__)
        while self.desk.clock.now() < lane.lease_until:
            time.sleep(jitter.between(0.2, 1.0))
            try:
                self._back(_fenced(lane), lane, self.desk.clock.now())
            except lanes.Fenced:
                return
            except (Lost, *OUTAGE):
                continue
            return

    def wait(self, lane: Lane, _: Work | None, wait: Waiting) -> None:
        since = lane.failing_since or self.desk.clock.now()
        draft = _fenced(lane)
        lanes.release(draft, lane, due=wait.due, tries=lane.tries, failing_since=since)
        self.desk.drafts.commit(draft)

    def try_again(self, lane: Lane, job: Work | None, later: Later) -> None:
        """Ever later, with jitter: a backend that comes back is not run over."""
        at, pace = self.desk.clock.now(), self.desk.pace
        since = lane.failing_since or at
        draft = _noted(job) or _fenced(lane)
        if later.closed:
            # Nothing of this lane's: no try is used up, and nothing is given up.
            fates.explain(draft, lane.key, say("closed", reason=later), at)
            self._back(draft, lane, at)
            return
        if at - since > pace.give_up:
            self._put_away(
                lane, job, say("gave_up", since=since.isoformat(), reason=later)
            )
            return
        step = pace.retry[min(lane.tries, len(pace.retry) - 1)]
        wait = later.after or step * jitter.between(0.5, 1)
        why = say("later", reason=later, next=(at + wait).isoformat())
        fates.explain(draft, lane.key, why, at)
        self._failed(draft, lane, at + wait, since)

    def park(self, lane: Lane, job: Work | None, no: Refused | Broken) -> None:
        self._put_away(lane, job, say(type(no).__name__.lower(), reason=no))

    def _put_away(self, lane: Lane, job: Work | None, why: Sentence) -> None:
        """Nothing more is tried until something new is said, or a person says retry."""
        log.error("lane %s parked: %s", lane.key, render(why))
        at, pace = self.desk.clock.now(), self.desk.pace
        draft = _noted(job) or _fenced(lane)
        fates.turn_all(draft, lane.key, Fate.PARKED, at, why)
        confirmations.end(draft, lane, State.REFUSED, at, why)
        fates.shelve(draft, lane.key, at - pace.give_up, why, at)
        if job and job.is_to_go(at):
            # No event waits for it: nobody else would hear that it did not work.
            kept = replace(job.account, purge_waits=render(why))
            job.account = accounts.save(draft, job.account, kept)
        due = job.again(at) if job else self._next_look(lane, at)
        lanes.release(draft, lane, due=due and max(due, at + pace.retry[-1]))
        self.desk.drafts.commit(draft)

    def _next_look(self, lane: Lane, at: datetime) -> datetime | None:
        with self.desk.database.read() as tx:
            live = attempts.live_of(tx, lane.key)
            more = bool(operations.waiting(tx, lane.key))
        return live.next_look(at, more=more)

    def leave(self, lane: Lane, _: Work | None, newer: Newer) -> None:
        """An event in a shape we do not know: a newer version takes the lane."""
        log.warning("lane %s is left to a newer version: %s", lane.key, newer)
        self._back(_fenced(lane), lane, self.desk.clock.now() + OTHERS)

    def clash(self, lane: Lane, job: Work | None, clash: Exception) -> None:
        """Somebody wrote to the account meanwhile: what we knew is old. Load anew."""
        log.warning("lane %s: %s", lane.key, type(clash).__name__)
        if lane.tries >= CLASHES:
            self.mend(lane, job, clash)
            return
        self._soon(lane)

    def _soon(self, lane: Lane) -> None:
        at = self.desk.clock.now()
        self._failed(_fenced(lane), lane, at + AGAIN, lane.failing_since or at)

    def mend(self, lane: Lane, _: Work | None, bug: Exception) -> None:
        log.error("lane %s", lane.key, exc_info=bug)
        self._isolate(lane)
        self.try_again(lane, None, _ours(bug))

    def _isolate(self, lane: Lane) -> None:
        """An event that cannot be taken in does not hold up the others: park it."""
        whole = self._loaded(lane)
        for event in whole.events if whole else ():
            try:
                self._take_in_or_again(lane, event)
            except (lanes.Fenced, Lost, Later, accounts.Moved, *OUTAGE):
                raise
            except Exception as bug:
                log.exception("event %s of %s", event.id, event.source)
                why = say("poison", kind=type(bug).__name__)
                draft, at = _fenced(lane), self.desk.clock.now()
                fates.rule(draft, [Ruling(event, Fate.PARKED, why)], at)
                self.desk.drafts.commit(draft)

    def _take_in_or_again(self, lane: Lane, event: Event) -> None:
        try:
            self._take_in(lane, event)
        except sa.exc.IntegrityError:
            # Somebody else may have written just then; twice, it is the event's own.
            self._take_in(lane, event)

    def _take_in(self, lane: Lane, event: Event) -> None:
        if job := self._loaded(lane):
            job.events = (event,)
            taking_in.only_take_in(job)

    def _loaded(self, lane: Lane) -> Work | None:
        if lane.is_intake:
            return None
        found = loading.load(self.desk, [lane], self.editions)[lane.key]
        return found if isinstance(found, Work) else None

    def _back(self, draft: Draft, lane: Lane, due: datetime) -> None:
        """As it was taken: this run counts for nothing."""
        since = lane.failing_since
        lanes.release(draft, lane, due=due, tries=lane.tries, failing_since=since)
        self.desk.drafts.commit(draft)

    def _failed(self, draft: Draft, lane: Lane, due: datetime, since: datetime) -> None:
        tries = lane.tries + 1
        lanes.release(draft, lane, due=due, tries=tries, failing_since=since)
        self.desk.drafts.commit(draft)


Ending = Callable[..., None]
_ENDINGS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Ending], ...] = (
    (Waiting, Endings.wait),
    (Later, Endings.try_again),
    ((Refused, Broken), Endings.park),
    (Newer, Endings.leave),
    (CLASH, Endings.clash),
    (Exception, Endings.mend),
)


def _fenced(lane: Lane) -> Draft:
    return Draft(lane.key, lane.token)


def _noted(job: Work | None) -> Draft | None:
    """What arrived and is not on disk yet must not be lost with the run."""
    return job.pending if job else None


def _ours(bug: Exception) -> Later:
    # Only its kind: a database's message quotes what it was given.
    return Later(f"an error of ours ({type(bug).__name__}).")
