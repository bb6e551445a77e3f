"""Accounts that were adopted: who has what already, which are only looked at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.store import tables
from bridge.store.tables import (
    account,
    attempt,
    claim,
    confirmation,
    dialling,
    lane,
    ledger,
    login,
    operation,
    period,
    service,
    sighting,
    switch_off,
    wakeup,
)
from bridge.store.types import Moment

# The index's own words, as a literal: SQLite uses it for nothing else.
OBSERVED = sa.text("account.observed_at IS NOT NULL")
ADOPTED = sa.text("account.batch IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a user of a backend, and how it came to that."""

    id: str
    backend: str
    remote: str | None
    username: str
    batch: str | None
    purged_at: datetime | None


def holders(
    tx: sa.Connection, backend: str, remotes: Collection[str], names: Collection[str]
) -> list[Holder]:
    """Accounts with one of these ids or names there; those that are gone, too."""
    rows = tx.execute(
        sa.select(*(account.c[name] for name in Holder.__slots__)).where(
            account.c.backend == backend,
            sa.or_(account.c.remote.in_(remotes), account.c.username.in_(names)),
        )
    )
    return [Holder(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one adoption brought."""

    name: str
    accounts: int
    observed: int
    waiting: int
    """Events that wait for the release."""

    since: datetime


def batches(tx: sa.Connection) -> list[Batch]:
    """The newest first."""
    waits = (
        sa.select(operation.c.lane, sa.func.count().label("count"))
        .where(sa.text(tables.UNFINISHED))
        .group_by(operation.c.lane)
        .subquery()
    )
    begun = sa.func.min(account.c.made_at, type_=Moment)
    waiting = sa.case((account.c.observed_at.is_not(None), waits.c.count), else_=0)
    rows = tx.execute(
        sa.select(
            account.c.batch,
            sa.func.count(),
            sa.func.count(account.c.observed_at),
            sa.func.coalesce(sa.func.sum(waiting), 0),
            begun,
        )
        .join(waits, waits.c.lane == account.c.id, isouter=True)
        .where(ADOPTED)
        .group_by(account.c.batch)
        .order_by(begun.desc(), account.c.batch)
    )
    return [Batch(n, count, seen, int(wait), at) for n, count, seen, wait, at in rows]


@dataclass(frozen=True, slots=True)
class Observed:
    id: str
    backend: str
    remote: str
    username: str


def observed(
    tx: sa.Connection,
    *,
    batch: str | None = None,
    ids: Collection[str] | None = None,
    after: str = "",
    most: int,
) -> list[Observed]:
    """Those that are only looked at, in the order of their ids, from *after* on."""
    query = sa.select(*(account.c[name] for name in Observed.__slots__))
    query = query.where(OBSERVED, account.c.id > after)
    if batch is not None:
        query = query.where(account.c.batch == batch)
    if ids is not None:
        query = query.where(account.c.id.in_(ids))
    rows = tx.execute(query.order_by(account.c.id).limit(most))
    return [Observed(*row) for row in rows]


def count(tx: sa.Connection, batch: str | None) -> int:
    """How many are only looked at, of one adoption or of all."""
    query = sa.select(sa.func.count()).select_from(account).where(OBSERVED)
    if batch is not None:
        query = query.where(account.c.batch == batch)
    return tx.execute(query).scalar_one()


def release(
    tx: sa.Connection, ids: Collection[str], because: str, at: datetime
) -> None:
    """Whoever has one in hand loads it anew: what it knows is old."""
    tx.execute(
        sa.update(account)
        .where(account.c.id.in_(ids))
        .values(
            observed_at=None,
            trusted_from=at,
            trusted_because=because,
            revision=account.c.revision + 1,
        )
    )


def busy(tx: sa.Connection, ids: Collection[str]) -> dict[str, str]:
    """Those on which something was booked or begun since, and what."""
    claims = tx.execute(
        sa.select(claim.c.owner, claim.c.key).where(claim.c.owner.in_(ids))
    )
    moved = tx.execute(
        sa.select(ledger.c.owner, ledger.c.key).where(
            ledger.c.owner.in_(ids), ledger.c.no > 1
        )
    )
    begun = tx.execute(
        sa.select(attempt.c.account, attempt.c.verb).where(attempt.c.account.in_(ids))
    )
    told = tx.execute(sa.select(login.c.account).where(login.c.account.in_(ids)))
    found = {
        owner: f"{key} was booked" for rows in (moved, claims) for owner, key in rows
    }
    found |= {owner: f"{verb} was begun" for owner, verb in begun}
    return found | dict.fromkeys(told.scalars(), "its login was made known")


def lock(tx: sa.Connection, ids: Sequence[str]) -> None:
    """Before all else, as every worker does: what it has in hand it keeps no more."""
    tx.execute(
        sa.select(lane.c.key)
        .where(lane.c.key.in_(ids))
        .order_by(lane.c.key)
        .with_for_update()
    )


def events(tx: sa.Connection, ids: Collection[str]) -> list[tuple[int, Any]]:
    """What waits on these, as row and payload; what has ended is over."""
    rows = tx.execute(
        sa.select(operation.c.id, operation.c.payload).where(
            operation.c.lane.in_(ids),
            sa.or_(sa.text(tables.ACCEPTED), sa.text(tables.UNFINISHED)),
        )
    )
    return [(row.id, row.payload) for row in rows]


def unbind(tx: sa.Connection, ids: Collection[str]) -> None:
    """As if they had never been; the ledger keeps what it says of them."""
    mine = sa.select(service.c.ref).where(service.c.account.in_(ids))
    tx.execute(sa.delete(period).where(period.c.service.in_(mine)))
    tx.execute(sa.delete(service).where(service.c.account.in_(ids)))
    for table in (dialling, switch_off, confirmation, sighting):
        tx.execute(sa.delete(table).where(table.c.account.in_(ids)))
    tx.execute(sa.delete(wakeup).where(wakeup.c.lane.in_(ids)))
    tx.execute(sa.delete(account).where(account.c.id.in_(ids)))
    tx.execute(sa.delete(lane).where(lane.c.key.in_(ids)))
