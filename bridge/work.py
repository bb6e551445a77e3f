"""One account under our lease: what we know of it, and how long it is ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bridge import boundaries
from bridge.desk import Desk
from bridge.gates import Gate
from bridge.store import attempts, books, confirmations, fates, lanes
from bridge.store.attempts import Attempt, Live
from bridge.store.chain import Head
from bridge.store.confirmations import Confirmation
from bridge.store.dialling import Dialling
from bridge.store.drafts import Draft
from bridge.store.lanes import Lane
from bridge.store.operations import Started
from bridge.store.types import EPOCH
from provisioning.backends.base import Backend, Capabilities, Observed
from provisioning.core import retention, safety
from provisioning.core.account import Account
from provisioning.core.catalog import Catalog
from provisioning.core.credit import Claim
from provisioning.core.desired import State
from provisioning.core.events import Event
from provisioning.core.heard import Fate, Ledger
from provisioning.core.outcomes import Later, Refused
from provisioning.core.plan import Plan, plan, sum_step
from provisioning.core.sentences import Sentence
from provisioning.leaving import ticking

THIRD = 3
"""A lease is renewed when so great a part of it is gone."""


class Waiting(Exception):
    """Nothing more can be done before *due*; what is noted stands."""

    def __init__(self, due: datetime) -> None:
        super().__init__(due)
        self.due = due


@dataclass(slots=True)
class Work:
    """An account as far as we have brought it.

    What is noted here counts as done at once, and is on disk with the next commit; one
    that fails ends the work, and whoever takes the lane next loads what is on disk.
    """

    desk: Desk
    lane: Lane
    account: Account
    gate: Gate
    sealed: bytes
    events: tuple[Event, ...]
    ledger: Ledger
    catalog: Catalog
    """The terms of the moment it was loaded, and those it was sold by."""

    head: Head
    started: dict[int, Started]
    live: Live
    more: bool = False
    """Whether more events wait than one plan takes in."""

    seen: Observed | None = None
    seen_at: datetime = EPOCH
    """When the read began: what was true of windows and leases then."""

    seen_by: datetime = EPOCH
    """When it had ended: usage up to then may be in it."""

    trusted: bool = False
    """Whether the balance seen is no older than the last one proven."""

    listed: bool | None = None
    """Whether the sum looked for was among the payments, where they are listed."""

    refused: Refused | None = None
    """A change of levels the backend will not make; money goes on all the same."""

    wanted: Confirmation | None = None
    """The plan a person wants applied, while all that is done is a part of it."""

    stale: bool = False
    """Whether the account was another when that plan was seen."""

    asked: Event | None = None
    """The change somebody agreed to by that plan, until it is among the events."""

    put_aside: tuple[str, ...] = ()
    """Sums that were refused just now, as steps of a plan."""

    limits: Capabilities = field(init=False)
    pending: Draft | None = None
    """Noted, and not on disk yet."""

    proven: bool = False
    """Whether the arrival of something is among it."""

    silenced: bool = False
    """Whether it was looked, in this run, if any campaign of it runs."""

    dials: Dialling | None = None
    """What still runs of an account that is off, and when that is looked at again."""

    silence_again: datetime | None = None

    _caps: list[int] | None = None
    _last: tuple[Decimal, datetime] | None = None
    _asked: bool = False

    def __post_init__(self) -> None:
        self.limits = self.backend.describe()

    @property
    def backend(self) -> Backend:
        return self.gate.backend

    # on record

    @contextmanager
    def note(self) -> Iterator[tuple[Draft, datetime]]:
        """Goes along with the next commit."""
        if self.pending is None:
            self.pending = Draft(self.lane.key, self.lane.token)
        before = len(self.pending.rows)
        try:
            yield self.pending, self.desk.clock.now()
        except BaseException:
            del self.pending.rows[before:]
            raise

    @contextmanager
    def change(self) -> Iterator[tuple[Draft, datetime]]:
        """On disk at its end, with all that was noted, while the lane is still ours."""
        with self.note() as noting:
            yield noting
        self.commit()

    def commit(self) -> list[int]:
        """The ids of the new attempts in it."""
        with self.note() as (draft, _):
            if self.wanted:
                confirmations.follow(draft, self.wanted.id, self.account.revision)
            self.pending = None
        made = self.desk.drafts.commit(draft)
        if self.proven:
            self.proven = False
            boundaries.passed("outcome noted")
        return made

    def plan(self, *, unsure: bool = False) -> Plan:
        """*unsure*: as if a sum were with a person, though none may be yet."""
        at, ledger = self.desk.clock.now(), self.ledger
        if self.is_to_go(at):
            with self.desk.database.read() as tx:
                bought = books.bought(tx, self.account.id)
            balance = self.seen.balance if self.seen else Decimal(0)
            ledger = replace(ledger, bought=replace(bought, balance=balance))
        return plan(
            self.account,
            self.events,
            seen=self.state,
            ledger=replace(ledger, tried=self.live.claims),
            catalog=self.catalog,
            at=at,
            unsure=unsure or self.live.person is not None,
            listed=self.limits.lists_payments,
            balance=self.seen.balance if self.seen and self.trusted else None,
            debit=self.limits.debit,
            keep=self._keep(),
            deletes=self.limits.deletes,
        )

    def is_to_go(self, at: datetime) -> bool:
        """Whether it has been kept for as long as it is kept."""
        return retention.is_over(self.account, self._keep(), at)

    def _keep(self) -> timedelta | None:
        kept = self.catalog.retentions.get(self.account.backend)
        return kept if self.limits.purges else None

    def agree(self) -> None:
        """From here on the change somebody agreed to is among the events."""
        asked, self.asked = self.asked, None
        if asked:
            others = (e for e in self.events if e.arrival != asked.arrival)
            self.events = (*others, replace(asked, approved=True))

    def turn(
        self,
        draft: Draft,
        to: Fate,
        at: datetime,
        *,
        why: Sentence | None = None,
        those: Callable[[Started], bool] = lambda _: True,
    ) -> None:
        """Give the planned and unfinished events, or some, another fate."""
        chosen = [each for each in self.started.values() if those(each)]
        fates.turn(draft, chosen, to, at, why)
        for each in chosen:
            if to is Fate.DONE:
                del self.started[each.id]
            elif to is not Fate.UNSURE or each.fate in fates.GOING_ON:
                self.started[each.id] = replace(each, fate=to)

    # as the backend has it

    @property
    def state(self) -> State | None:
        return self.seen.state if self.seen else None

    @property
    def is_off(self) -> bool:
        return self.seen is not None and not self.seen.state.on

    # what the attempts before this one left behind

    def cap_in_force(self, seen: Observed) -> int:
        """The highest under which a call may have begun that still runs."""
        if self._caps is None:
            since = self.seen_at - self.limits.burn.longest_call
            with self.desk.database.read() as tx:
                self._caps = attempts.caps(tx, self.account.id, since)
        return safety.highest(*self._caps, seen.channels)

    def last_balance(self) -> tuple[Decimal, datetime] | None:
        """The one the last proven write left, and nobody has spoken on since."""
        if not self._asked:
            with self.desk.database.read() as tx:
                self._last = attempts.last_balance(tx, self.account.id)
            self._asked = True
        return believed(self._last, self.account)

    def began(self, attempt: Attempt) -> None:
        known = (attempt.channels, attempts.written_cap(attempt.step))
        if self._caps is not None:
            self._caps += [int(cap) for cap in known if cap is not None]
        self.live = replace(self.live, in_flight=attempt)

    def ended(self, after: Decimal | None, at: datetime) -> None:
        self.live = replace(self.live, in_flight=None)
        if after is not None:
            self._last, self._asked = (after, at), True

    def arrived(self, attempt: Attempt) -> None:
        self.done_with(attempt.claim, attempt.amount or Decimal(0))

    def done_with(self, claim: str | None, arrived: Decimal = Decimal(0)) -> None:
        """This sum has arrived, or is laid aside."""
        left = tuple(c for c in self.ledger.open if c.key != claim)
        now = self.ledger.arrived + arrived
        self.ledger = replace(self.ledger, open=left, arrived=now)

    def lay_aside(self, claim: Claim) -> None:
        """The backend refused it: it waits for a person."""
        self.done_with(claim.key)
        self.ledger = replace(self.ledger, aside=(*self.ledger.aside, claim))
        self.put_aside += (sum_step(claim),)

    # in time

    def next_look(self, at: datetime) -> datetime | None:
        """Due again only where something is still to be looked at or taken in."""
        due = (self.live.next_look(at, more=self.more), self.silence_again)
        return min((each for each in due if each), default=None)

    def again(self, at: datetime) -> datetime | None:
        """Likewise of what did not work. Where no event waits for a person, as when a
        coupon was over or an interval began, nobody would hear of it: once more."""
        due = self.next_look(at)
        return due if self.started else due or at + self.desk.pace.retry[-1]

    def may_send(self, attempt: Attempt) -> float:
        """Checked last of all: what leaves late lands when nobody looks for it.

        Until when all of it has to be on its way, as `leaving.ticking` counts.
        """
        ticks = ticking()
        latest = min(attempt.send_before, self._latest_start())
        left = latest - self.desk.clock.now()
        if left < timedelta():
            raise Later("the time to send it was over")
        return ticks + (left + self._call).total_seconds()

    @contextmanager
    def our_turn(self) -> Iterator[None]:
        """To call the backend: as soon as there is room, and under our lease."""
        with self.gate.turn(self.keep_the_lease):
            self.keep_the_lease()
            yield

    def keep_the_lease(self) -> None:
        """Long enough for a call that would begin now."""
        if self.desk.clock.now() > self._latest_start():
            with self.change() as (draft, at):
                lanes.hold(draft, self.lane, at + self.desk.pace.lease)

    def hold_for_a_call(self, draft: Draft, at: datetime) -> None:
        """Never with what may give the lane back: held after that, it is nobody's."""
        if self._worn(at):
            lanes.hold(draft, self.lane, at + self.desk.pace.lease)

    def _worn(self, at: datetime) -> bool:
        """A third is gone; or a commit as long as the margin would leave too little."""
        lease, margin = self.desk.pace.lease, self.desk.pace.margin
        least = max(lease - lease / THIRD, self._call + margin + margin)
        return self.lane.lease_until - at < least

    def _latest_start(self) -> datetime:
        return self.lane.lease_until - self._call - self.desk.pace.margin

    @property
    def _call(self) -> timedelta:
        return timedelta(seconds=self.limits.call_deadline)


def believed(
    last: tuple[Decimal, datetime] | None, account: Account
) -> tuple[Decimal, datetime] | None:
    """The last proven balance, unless a person has spoken since, or it is from before
    a restore: nobody knows what moved it after the backup."""
    spoken = (account.trusted_from, account.restored_at)
    over = last and any(since and last[1] <= since for since in spoken)
    return None if over else last
