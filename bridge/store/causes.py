"""What a person should look at, found by SQL: one function a cause.

Each answers with what it is about and a sentence: what it is, since when, the way out.
What comes in thousands is one alert for each account, not one for each event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.store import (
    drift_alerts,
    lanes,
    operations,
    register,
    shop_orders,
    tables,
    verdicts,
)
from bridge.store.attempts import OPEN, State
from bridge.store.tables import (
    account,
    attempt,
    backend,
    claim,
    delivery,
    dialling,
    lane,
    operation,
    tick,
)
from bridge.store.types import Amount, Moment
from bridge.store.verdicts import Word
from provisioning.core.credit import Kind
from provisioning.core.heard import Fate
from provisioning.core.money import text
from provisioning.core.sentences import Sentence, minute, say

LATE = timedelta(minutes=5)
"""How long past its settle window an attempt may be open."""

MISSED = 3
"""Intervals a tick may miss, but never less than SHORTEST."""

SHORTEST = timedelta(minutes=1)

EXPIRING = timedelta(days=30)
"""How long before the end of a key somebody should make a new one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on it is worth an alert."""

    backlog: timedelta = timedelta(seconds=60)
    held: timedelta = timedelta(hours=24)
    ticks: Mapping[str, timedelta] = field(default_factory=dict)
    """How often each tick should run."""

    since: datetime | None = None
    """Since when somebody runs them; before, none was missing."""

    stops: int = 3
    """How often campaigns may be stopped and run all the same."""

    give_up: timedelta = timedelta(hours=24)

    keys: Mapping[str, datetime] = field(default_factory=dict)
    """When each backend will take our key no longer, where that is known."""

    unproven: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By backend: what is sold there stands on, and under which settings."""


Found = Mapping[str, Sentence]

_OBSERVED = sa.select(account.c.id).where(sa.text("account.observed_at IS NOT NULL"))
"""What waits on these is one alert of its own."""


def parked(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    fates = [Fate.PARKED.value, Fate.REFUSED.value]
    rows = tx.execute(
        sa.select(
            operation.c.lane,
            sa.func.count().label("count"),
            sa.func.min(operation.c.changed_at, type_=Moment).label("since"),
        )
        .where(
            sa.text(tables.UNFINISHED),
            operation.c.fate.in_(fates),
            operation.c.lane.not_in(_OBSERVED),
            sa.or_(operation.c.why.is_(sa.null()), sa.not_(operations.ASKS)),
        )
        .group_by(operation.c.lane)
    ).mappings()
    return {
        row["lane"]: say(
            "alert_parked",
            count=row["count"],
            lane=row["lane"],
            since=minute(row["since"]),
        )
        for row in rows
    }


def asking(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    """Changes that wait for an admin; the oldest of each account says since when."""
    since: dict[str, list[datetime]] = {}
    for each in operations.asking(tx):
        since.setdefault(each.lane, []).append(each.changed_at)
    for whose, moment in shop_orders.asking(tx):
        since.setdefault(whose, []).append(moment)
    return {
        account: say(
            "alert_asking",
            account=account,
            count="a change is" if len(moments) == 1 else f"{len(moments)} changes are",
            since=minute(min(moments)),
        )
        for account, moments in since.items()
    }


def observed(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    """One for all of them, however many: they wait for the same word."""
    row = tx.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(operation.c.lane.distinct()).label("accounts"),
            sa.func.min(operation.c.changed_at, type_=Moment).label("since"),
        ).where(sa.text(tables.UNFINISHED), operation.c.lane.in_(_OBSERVED))
    ).one()
    if not row[0]:
        return {}
    return {
        "adopted accounts": say(
            "alert_observed",
            events=row[0],
            accounts=row.accounts,
            since=minute(row.since),
        )
    }


def unsure_late(tx: sa.Connection, at: datetime, _limits: Limits) -> Found:
    late = attempt.c.settled_from < at - LATE
    return {
        f"attempt {row.id}": say(
            "alert_unsure_late",
            attempt=row.id,
            account=row.account,
            verb=row.verb,
            since=minute(row.settled_from),
        )
        for row in _attempts(tx, attempt.c.state.in_(OPEN), late)
    }


def person(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    return {
        f"attempt {row.id}": say(
            "alert_person",
            attempt=row.id,
            account=row.account,
            verb=row.verb,
            since=minute(row.settled_from),
        )
        for row in _attempts(tx, attempt.c.state == State.PERSON.value)
    }


def stopped(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    rows = tx.execute(
        sa.select(account.c.id, account.c.money_stopped).where(
            account.c.money_stopped.is_not(None)
        )
    )
    return {
        row.id: say("alert_stopped", account=row.id, why=row.money_stopped)
        for row in rows
    }


def backlog(tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    """A paused backend's accounts wait for it, not for a worker."""
    paused = sa.select(backend.c.name).where(backend.c.paused_until.is_not(None))
    oldest = tx.execute(
        sa.select(lane.c.key, lane.c.due)
        .where(
            lane.c.due <= at - limits.backlog,
            lane.c.lease_until.is_(None),
            sa.or_(lane.c.backend.is_(None), lane.c.backend.not_in(paused)),
        )
        .order_by(lane.c.due)
        .limit(1)
    ).one_or_none()
    if oldest is None:
        return {}
    # Without the account: another one is the oldest each time.
    return {"lanes": say("alert_backlog", since=minute(oldest.due))}


def tick_missing(tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    rows = tx.execute(sa.select(tick)).mappings()
    return {
        row["name"]: say(
            "alert_tick_missing",
            tick=row["name"],
            since=minute(row["ran_at"] or row["made_at"]),
            said=row["said"] or "nothing is known of why",
        )
        for row in rows
        if is_missing(row["name"], row["ran_at"] or row["made_at"], at, limits)
    }


def is_missing(name: str, ran_at: datetime, at: datetime, limits: Limits) -> bool:
    """A tick of another version, whose interval nobody knows, is not missed here."""
    every = limits.ticks.get(name)
    since = max(ran_at, limits.since or ran_at)
    return every is not None and at - since > max(MISSED * every, SHORTEST)


def sum_refused(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    """Free credit and goodwill, too: their events may have ended long ago."""
    rows = tx.execute(
        sa.select(
            claim.c.owner,
            sa.func.count().label("count"),
            sa.func.min(claim.c.key).label("first"),
            sa.func.min(claim.c.booked_at, type_=Moment).label("since"),
        )
        .where(sa.text(tables.UNSETTLED), claim.c.state == "parked")
        .group_by(claim.c.owner)
    ).mappings()
    return {
        row["owner"]: say(
            "alert_sum_refused",
            owner=row["owner"],
            count=row["count"],
            first=row["first"],
            since=minute(row["since"]),
        )
        for row in rows
    }


def held(tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    """Money that was paid and is not where it was paid for."""
    rows = tx.execute(
        sa.select(
            claim.c.owner,
            claim.c.currency,
            # PostgreSQL adds whole numbers up to a numeric: back to what a sum is here.
            sa.cast(sa.func.sum(sa.type_coerce(tables.REST, sa.BigInteger)), Amount)
            .label("total"),
            sa.func.min(claim.c.booked_at, type_=Moment).label("since"),
        )
        .where(
            sa.text(tables.UNSETTLED),
            claim.c.kind == Kind.TOPUP.value,
            claim.c.booked_at < at - limits.held,
            claim.c.owner.not_in(_OBSERVED),
        )
        .group_by(claim.c.owner, claim.c.currency)
        .order_by(claim.c.owner, claim.c.currency)
    ).mappings()  # fmt: skip
    sums: dict[str, list[Any]] = {}
    for row in rows:
        sums.setdefault(row["owner"], []).append(row)
    return {
        owner: say(
            "alert_held",
            owner=owner,
            sums=" and ".join(f"{text(r['total'])} {r['currency']}" for r in each),
            since=minute(min(r["since"] for r in each)),
        )
        for owner, each in sums.items()
    }


def delivery_failed(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    """By channel: or the mail about a mail that failed would need a mail of its own."""
    rows = tx.execute(
        sa.select(
            delivery.c.channel,
            sa.func.count().label("count"),
            sa.func.min(delivery.c.id).label("first"),
            sa.func.min(delivery.c.ended_at, type_=Moment).label("since"),
        )
        # The index's own words, as a literal: SQLite uses it for nothing else.
        .where(sa.text("state IN ('refused', 'given up')"))
        .group_by(delivery.c.channel)
    ).mappings()
    return {
        row["channel"]: say(
            "alert_delivery_failed",
            count=row["count"],
            channel=row["channel"],
            first=row["first"],
            since=minute(row["since"]),
        )
        for row in rows
    }


def backend_paused(tx: sa.Connection, at: datetime, _limits: Limits) -> Found:
    """A breaker's pause ends when the backend works, one by hand when it is time."""
    paused = sa.or_(
        backend.c.paused_until > at,
        sa.and_(backend.c.paused_until.is_not(None), ~backend.c.by_hand),
    )
    rows = tx.execute(sa.select(backend).where(paused)).mappings()
    return {row["name"]: _paused(row) for row in rows}


def _paused(row: sa.RowMapping) -> Sentence:
    name, why = row["name"], row["paused_because"]
    if row["by_hand"]:
        until = minute(row["paused_until"])
        return say("alert_backend_paused_by_hand", backend=name, why=why, until=until)
    return say("alert_backend_paused", backend=name, why=why)


def switch_off_guard(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    """Many at once is more often a mistake than a wish."""
    return {
        name: say(
            "alert_switch_off_guard",
            backend=name,
            count=queue.count,
            since=minute(queue.oldest),
        )
        for name, queue in lanes.stopped(tx).items()
    }


def key_expiring(_tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    ends = {name: end for name, end in limits.keys.items() if end - at <= EXPIRING}
    return {
        name: say("alert_key_expiring", backend=name, end=minute(end))
        for name, end in ends.items()
    }


def unverified(tx: sa.Connection, _at: datetime, limits: Limits) -> Found:
    """Sold, and nobody saw the backend do it."""
    probed = verdicts.latest(tx) if limits.unproven else {}
    open_ = {
        name: [
            what
            for what, wire in stands_on.items()
            if verdicts.standing(probed.get(name), what, wire).word is not Word.VERIFIED
        ]
        for name, stands_on in limits.unproven.items()
    }
    return {
        name: say("alert_unverified", backend=name, what=", ".join(what))
        for name, what in open_.items()
        if what
    }


def still_dialling(tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    """Off, and its campaigns run: not the first tries, but before long."""
    late = sa.or_(
        dialling.c.tries >= limits.stops, dialling.c.since < at - limits.give_up
    )
    query = sa.select(dialling, account.c.remote, account.c.backend)
    rows = tx.execute(query.join(account).where(late)).mappings()
    return {row["account"]: _dials(row) for row in rows}


def _dials(row: sa.RowMapping) -> Sentence:
    if row["campaigns"]:
        return say(
            "alert_still_dialling",
            account=row["account"],
            remote=row["remote"],
            backend=row["backend"],
            campaigns=row["campaigns"],
            since=minute(row["since"]),
        )
    return say(
        "alert_dialling_unseen",
        account=row["account"],
        remote=row["remote"],
        backend=row["backend"],
        since=minute(row["since"]),
        said=row["said"] or "no reason was given",
    )


def purge_waits(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    rows = tx.execute(
        sa.select(account.c.id, account.c.ended_at, account.c.purge_waits).where(
            # The index's own words, as a literal: SQLite uses it for nothing else.
            sa.text("purge_waits IS NOT NULL")
        )
    )
    return {
        row.id: say(
            "alert_purge_waits",
            account=row.id,
            ended=minute(row.ended_at),
            why=row.purge_waits,
        )
        for row in rows
    }


def reconcile_late(tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    return drift_alerts.late(tx, at, limits.since)


def reconcile_differs(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    return drift_alerts.differs(tx)


def data_waits(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    return {
        id_: say("alert_data_waits", account=id_, backend=backend, what=what)
        for id_, backend, what in register.with_data(tx)
    }


CAUSES: Mapping[str, Callable[[sa.Connection, datetime, Limits], Found]] = {
    cause.__name__: cause
    for cause in (
        parked,
        asking,
        observed,
        unsure_late,
        person,
        stopped,
        backlog,
        tick_missing,
        held,
        sum_refused,
        delivery_failed,
        backend_paused,
        switch_off_guard,
        key_expiring,
        unverified,
        still_dialling,
        purge_waits,
        reconcile_late,
        reconcile_differs,
        data_waits,
    )
}
"""By topic."""


def _attempts(
    tx: sa.Connection, *which: sa.ColumnElement[bool]
) -> Sequence[sa.Row[Any]]:
    live = sa.text(tables.LIVE)  # the index's own words
    query = sa.select(attempt).where(live, *which).order_by(attempt.c.id)
    return tx.execute(query).all()
