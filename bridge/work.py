"""One account under our lease: what we know of it, and how we look again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.clock import Clock
from bridge.store import accounts, attempts, books, lanes, operations
from bridge.store.attempts import Attempt
from bridge.store.database import Database
from bridge.store.lanes import Lane
from bridge.store.types import EPOCH
from provisioning.backends.base import Backend, Observed
from provisioning.core.account import Account
from provisioning.core.desired import State
from provisioning.core.events import Event
from provisioning.core.outcomes import Broken, Later, Refused
from provisioning.core.plan import Ledger

Backends = Mapping[str, Backend]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things may take."""

    lease: timedelta = timedelta(seconds=30)
    margin: timedelta = timedelta(seconds=5)
    """What must be left of a lease, beyond the longest call, when a call starts."""

    retry: tuple[timedelta, ...] = tuple(
        timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600)
    )
    give_up: timedelta = timedelta(hours=24)


@dataclass(slots=True)
class Work:
    """An account as far as we have brought it."""

    database: Database
    clock: Clock
    pace: Pace
    lane: Lane
    account: Account
    backend: Backend
    sealed: bytes
    events: tuple[Event, ...]
    ledger: Ledger
    in_flight: Attempt | None
    person: Attempt | None
    seen: Observed | None = None
    seen_at: datetime = EPOCH
    """When the read began: what was true of windows and leases then."""

    seen_by: datetime = EPOCH
    """When it had ended: usage up to then may be in it."""

    listed: bool | None = None
    """Whether the sum looked for was among the payments, where they are listed."""

    refused: Refused | None = None
    """A change of levels the backend will not make; money goes on all the same."""

    @contextmanager
    def change(self) -> Iterator[tuple[sa.Connection, datetime]]:
        """A transaction that only keeps anything while the lane is still ours."""
        with self.database.change() as tx:
            at = self.clock.now()
            lanes.hold(tx, self.lane, at + self.pace.lease)
            yield tx, at

    def look(self, sum_: str | None = None) -> None:
        """See the account as the backend has it; only one that carries our mark.

        Where payments are listed, whether the *sum* is among them: asked first, so that
        what lands between the two reads is no alarm.
        """
        self._keep_the_lease()
        self.seen_at, remote = self.clock.now(), self.account.remote
        self.seen = self.listed = None
        if sum_ and remote and self.backend.describe().lists_payments:
            self.listed = self.backend.arrived(remote, sum_)
        if remote is None:
            found = self.backend.find(self.account.username)
        else:
            found = self._ours(self.backend.read(remote))
        self.seen, self.seen_by = found, self.clock.now()

    def _ours(self, found: Observed | None) -> Observed:
        remote, username = self.account.remote, self.account.username
        if found is None:
            raise Broken(f"the backend no longer has account {remote}")
        if found.username != username:
            raise Broken(f"account {remote} is not {username} any more")
        return found

    @property
    def state(self) -> State | None:
        return self.seen.state if self.seen else None

    def done_with(self, claim: str | None) -> None:
        """This sum has arrived, or was put aside."""
        left = tuple(c for c in self.ledger.open if c.key != claim)
        self.ledger = replace(self.ledger, open=left)

    def may_send(self, attempt: Attempt) -> None:
        """Checked last of all: what leaves late lands when nobody looks for it."""
        if self.clock.now() > min(attempt.send_before, self._latest_start()):
            raise Later("the time to send it was over")

    def _keep_the_lease(self) -> None:
        if self.clock.now() > self._latest_start():
            with self.change():
                pass

    def _latest_start(self) -> datetime:
        call = timedelta(seconds=self.backend.describe().call_deadline)
        return self.lane.lease_until - call - self.pace.margin


def load(
    database: Database, clock: Clock, pace: Pace, lane: Lane, backends: Backends
) -> Work:
    with database.read() as tx:
        account = accounts.load(tx, lane.key)
        if account is None:
            raise Broken(f"there is no account {lane.key}")
        if account.backend not in backends:
            raise Later(f'backend "{account.backend}" is not in the configuration.')
        events = operations.waiting(tx, lane.key)
        return Work(
            database=database,
            clock=clock,
            pace=pace,
            lane=lane,
            account=account,
            backend=backends[account.backend],
            sealed=accounts.secret_of(tx, account.id),
            events=events,
            ledger=books.known(tx, account.id, [e.line for e in events if e.line]),
            in_flight=attempts.in_flight(tx, account.id),
            person=attempts.with_a_person(tx, account.id),
        )
