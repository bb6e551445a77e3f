"""Accounts are looked at again and again: what they have, what they used, what is told.

Each look is whole, and what it finds is written over what was found before: twice, late
or after a restore, nothing is counted twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import TypeVar

import sqlalchemy as sa

from bridge import statements
from bridge.gates import Gate, Gates
from bridge.store import outbox, thresholds, usage
from bridge.store.database import Database
from bridge.store.thresholds import Kept
from bridge.store.usage import Live
from provisioning.backends.base import Backend
from provisioning.core import thresholds as rules
from provisioning.core.outcomes import Later, Outcome
from provisioning.core.thresholds import Looked, Measure, Per
from provisioning.core.usage import Used, by_day, is_settled, starts, total

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

TOGETHER = 50
"""Accounts in one commit."""

LATE = timedelta(hours=6)
"""After its end a day's calls may still come in: they are listed when they are over."""

BACK = timedelta(days=31)
"""So far back is looked at what was used before it ever was."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one account shows now."""

    account: Live
    at: datetime
    balance: Looked
    days: Mapping[date, Used]
    over: date
    """Days before it are settled."""


@dataclass(frozen=True, slots=True)
class Usage:
    database: Database
    gates: Gates
    zone: Callable[[sa.Connection], tzinfo]
    channels: Mapping[str, str]
    """By source: the way its customers are told."""

    def run(self, at: datetime) -> None:
        """All accounts there are, some at a time. Later: not one did show it."""
        self.gates.learn()
        last, seen, failed = "", 0, list[str]()
        with self.database.read() as tx:
            zone = self.zone(tx)
        while True:
            with self.database.read() as tx:
                some = usage.live(tx, last, TOGETHER)
                known = usage.settled(tx, [each.id for each in some])
            if not some:
                break
            last = some[-1].id
            looks = [
                look
                for each in some
                if (look := self._look(each, known.get(each.id), zone, at, failed))
            ]
            with self.database.change() as tx:
                self._keep(tx, looks, zone)
            seen += len(looks)
        if failed and not seen:
            raise Later(f"{len(failed)} accounts did not show it: {failed[0]}")
        if failed:
            log.warning("%d accounts did not show it: %s", len(failed), failed[0])

    def _look(
        self,
        account: Live,
        settled: date | None,
        zone: tzinfo,
        at: datetime,
        failed: list[str],
    ) -> Look | None:
        if account.backend not in self.gates:
            return None
        gate = self.gates[account.backend]
        today = at.astimezone(zone).date()
        first = max(account.made_at, at - BACK).astimezone(zone).date()
        since = min(settled + timedelta(days=1) if settled else first, today)
        try:
            seen = _asked(gate, lambda backend: backend.read(account.remote))
            days = _days(gate, account, since, today, zone)
        except Outcome as no:
            failed.append(f"{account.id}: {no}")
            return None
        balance = Looked(seen.balance) if seen else Looked()
        over = next(d for d in _each(since, today) if not is_settled(d, zone, at, LATE))
        return Look(account, at, balance, days, over)

    def _keep(self, tx: sa.Connection, looks: Sequence[Look], zone: tzinfo) -> None:
        for look in looks:
            usage.keep(tx, look.account.id, look.days, look.over)
            if look.balance.balance is not None:
                day = look.at.astimezone(zone).date()
                has = look.balance.balance
                usage.see(tx, look.account.id, day, has, look.at)
        by_id = {look.account.id: look for look in looks}
        for kept in thresholds.to_look_at(tx, list(by_id)):
            self._judge(tx, kept, by_id[kept.account], zone)

    def _judge(self, tx: sa.Connection, kept: Kept, look: Look, zone: tzinfo) -> None:
        seen = _seen(tx, kept, look, zone)
        bound = rules.looked(kept.bound, seen)
        now = replace(kept, bound=bound, looked_at=look.at)
        value = rules.value_of(bound, seen)
        if value is not None and bound.times > kept.bound.times:
            said = rules.sentence(bound, value, look.account.currency)
            now = replace(now, crossed_at=look.at, said=said)
            self._tell(tx, now, look)
        thresholds.note(tx, now)

    def _tell(self, tx: sa.Connection, kept: Kept, look: Look) -> None:
        channel = self.channels.get(look.account.source)
        if channel is None or look.account.email is None:
            return
        said = {"type": "threshold", "threshold": kept.id, "account": kept.account,
                "source": look.account.source}  # fmt: skip
        key = f"threshold/{kept.id}/{kept.bound.times}"
        outbox.enqueue(tx, key, channel, said, look.at)


def _asked(gate: Gate, ask: Callable[[Backend], Answer]) -> Answer:
    with gate.turn(), gate.hearing():
        return ask(gate.backend)


def _days(
    gate: Gate, account: Live, since: date, today: date, zone: tzinfo
) -> dict[date, Used]:
    """Also of days on which nothing was used: they have been looked at."""
    if not gate.backend.describe().usage:
        return {}
    bounds = starts(since, zone), starts(today + timedelta(days=1), zone)
    listed = _asked(gate, lambda backend: backend.usage(account.remote, *bounds))
    return {day: Used() for day in _each(since, today)} | by_day(listed, zone)


def _each(since: date, until: date) -> list[date]:
    return [since + timedelta(days=n) for n in range((until - since).days + 1)]


def _seen(tx: sa.Connection, kept: Kept, look: Look, zone: tzinfo) -> Looked:
    """As much of it as this bound is about."""
    if kept.bound.measure is Measure.BALANCE:
        since = kept.looked_at
        highest = usage.highest(tx, kept.account, since) if since else None
        return replace(look.balance, highest=highest)
    today = look.at.astimezone(zone).date()
    first = today.replace(day=1) if kept.bound.per is Per.MONTH else today
    per = kept.bound.per or Per.DAY
    if kept.bound.measure is Measure.SPENT:
        spent = statements.spent_since(tx, kept.account, starts(first, zone))
        return Looked(spent={per: spent})
    if not look.days:
        return Looked()
    days = usage.days(tx, kept.account, first, today)
    return Looked(used={per: total(day.used for day in days)})
