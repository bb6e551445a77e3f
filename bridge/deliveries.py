"""Mails and webhooks on their way out: a queue of its own, which holds up no lane.

At least once: a sender that dies after the last word and before its note is followed by
another, who sends again. A mail is told by its Message-ID then, a webhook by its id.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from bridge import jitter
from bridge.clock import Clock
from bridge.log import about
from bridge.store import outbox
from bridge.store.accounts import Moved
from bridge.store.database import Database
from bridge.store.lanes import Fenced
from bridge.store.outbox import Delivery, Needless, NotYet, State
from provisioning.core.outcomes import Later, Outcome, Refused, Unsure

log = logging.getLogger(__name__)

IDLE = 1.0
"""Seconds between two looks at the queue."""

MARGIN = timedelta(seconds=30)
"""What a lease is longer than the longest sending."""


class Channel(Protocol):
    @property
    def within(self) -> float:
        """Seconds one sending takes at most."""

    def send(self, delivery: Delivery, at: datetime) -> Mapping[str, Any] | None:
        """What was answered that is to be kept. Refused: no, and no again. Any other
        outcome: try again."""


Writer = Callable[[Delivery, datetime], Mapping[str, Any]]
"""Makes the words when it is sent, of what was noted when it became necessary."""

Noter = Callable[[sa.Connection, Mapping[str, Any], datetime], None]
"""Keeps what was brought about by these words, in the commit that notes it as sent."""

Ended = Outcome | Needless | NotYet | None

SOON = timedelta(seconds=5)
"""When what was sent and could not be noted is looked at again."""


@dataclass(frozen=True, slots=True)
class Tries:
    steps: tuple[timedelta, ...] = tuple(
        timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600)
    )
    """The last one repeats."""

    give_up: timedelta = timedelta(days=3)


@dataclass(slots=True)
class Deliveries:
    database: Database
    clock: Clock
    channels: Mapping[str, Channel]
    count: int = 2
    tries: Tries = Tries()
    writers: Mapping[str, Writer] = field(default_factory=dict)
    """By the type of a content that is not in words yet."""

    noters: Mapping[str, Noter] = field(default_factory=dict)
    """Likewise, where what was sent is to be kept."""

    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for no in range(self.count):
            thread = threading.Thread(
                target=self._work, name=f"sender {no + 1}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def stop(self, within: float) -> bool:
        """Finish what is under way. Whether all threads did, in so many seconds."""
        self._stop.set()
        until = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def run(self) -> bool:
        """Send the one that has waited longest. Whether there was one."""
        with self.database.read() as tx:
            if not outbox.any_due(tx, self.clock.now()):
                return False
        with self.database.change() as tx:
            held = outbox.claim(tx, self.clock.now(), self._lease())
        if held is None:
            return False
        told = held.content
        with about(delivery=held.id, operation=told.get("operation"),
                   account=told.get("account")):  # fmt: skip
            try:
                self._note(held, *self._sent(held))
            except Fenced as lost:
                log.warning("%s", lost)
            except Moved:
                with self.database.change() as tx:
                    outbox.look_again(tx, held, self.clock.now() + SOON)
        return True

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self.run()
            except Exception:
                # Its lease runs out by itself, and it is sent again.
                log.exception("a delivery could not be taken or noted")
                busy = False
            if not busy:
                self._stop.wait(IDLE)

    def _sent(self, held: Delivery) -> tuple[Ended, Mapping[str, Any]]:
        """What came of it, and the words it was sent with and answered by."""
        told = held
        try:
            told = self._written(held)
            answer = self._channel(held).send(told, self.clock.wall())
        except (Outcome, Needless, NotYet) as outcome:
            return outcome, told.content
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
            # Not what it says: it may quote the mail, and that holds somebody's link.
            where = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error).__name__
            log.error("delivery %d broke off: %s\n%s", held.id, kind, where)  # noqa: TRY400 - so that it is not quoted
            later = Later(f"it broke off ({kind}); the log says where")
            return later, told.content
        return None, {**told.content, **(answer or {})}

    def _channel(self, held: Delivery) -> Channel:
        channel = self.channels.get(held.channel)
        if channel is None:
            raise Later(
                f'there is no channel "{held.channel}" in the configuration; add it'
                " back, or let this one be given up"
            )
        return channel

    def _written(self, held: Delivery) -> Delivery:
        writer = self.writers.get(str(held.content.get("type")))
        if writer is None:
            return held
        return replace(held, content=writer(held, self.clock.now()))

    def _note(self, held: Delivery, outcome: Ended, told: Mapping[str, Any]) -> None:
        if isinstance(outcome, NotYet):
            with self.database.change() as tx:
                outbox.look_again(tx, held, self.clock.now() + outcome.after)
            return
        at, said = self.clock.now(), str(outcome) if outcome else None
        since = held.failing_since or at
        state = self._state(outcome, at - since)
        unsure = outcome.after if isinstance(outcome, Unsure) else None
        settles = at + unsure if unsure else held.settles_at
        with self.database.change() as tx:
            if state is State.WAITING:
                due = at + self._wait(held, outcome)
                outbox.put_off(tx, held, due, str(said), since, settles)
            else:
                outbox.end(tx, held, state, said, at, settles)
                keep = self.noters.get(str(told.get("type")))
                if keep and state is State.SENT:
                    keep(tx, told, at)
        if state is State.SENT:
            log.info("delivery %d by %s is sent", held.id, held.channel)
        if state in outbox.FAILED:
            log.error("delivery %d is %s: %s", held.id, state, said)

    def _state(self, outcome: Outcome | Needless | None, failing: timedelta) -> State:
        if outcome is None:
            return State.SENT
        if isinstance(outcome, Needless):
            return State.WITHDRAWN
        if isinstance(outcome, Refused):
            return State.REFUSED
        return State.GIVEN_UP if failing >= self.tries.give_up else State.WAITING

    def _wait(self, held: Delivery, outcome: Outcome | Needless | None) -> timedelta:
        """Full jitter: those that failed together do not come back together."""
        steps = self.tries.steps
        step = steps[min(held.tries, len(steps) - 1)]
        asked = outcome.after if isinstance(outcome, Later | Unsure) else None
        jittered = step * jitter.between(0, 1)
        return max(jittered, asked or jittered)

    def _lease(self) -> timedelta:
        longest = max((channel.within for channel in self.channels.values()), default=0)
        return timedelta(seconds=longest) + MARGIN
