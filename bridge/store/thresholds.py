"""Bounds subscribers set, and whether each is crossed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.store import payload
from bridge.store.database import insert
from bridge.store.tables import threshold
from provisioning.core.money import micro
from provisioning.core.sentences import Sentence
from provisioning.core.thresholds import Measure, Per, Threshold


@dataclass(frozen=True, slots=True)
class Kept:
    id: int
    account: str
    service: str | None
    """By which it was named, where it was one."""

    bound: Threshold
    crossed_at: datetime | None
    said: Sentence | None
    """What was told when it was crossed last."""

    looked_at: datetime | None
    made_at: datetime
    by: str


def set_(
    tx: sa.Connection,
    account: str,
    service: str | None,
    bound: Threshold,
    by: str,
    at: datetime,
) -> int:
    """Its number; of one that is there already, that one's."""
    key = f"{account}/{bound.measure}/{bound.per or 'now'}/{micro(bound.level)}"
    new = insert(tx, threshold).values(
        key=key,
        account=account,
        service=service,
        measure=bound.measure.value,
        level=bound.level,
        per=bound.per.value if bound.per else None,
        crossed=False,
        times=0,
        made_at=at,
        by=by,
    )
    tx.execute(new.on_conflict_do_nothing(index_elements=["key"]))
    known = sa.select(threshold.c.id).where(threshold.c.key == key)
    return int(tx.execute(known).scalar_one())


def drop(tx: sa.Connection, id_: int) -> None:
    gone = sa.delete(threshold).where(threshold.c.id == id_)
    if tx.execute(gone).rowcount != 1:
        raise LookupError(
            f"there is no threshold {id_}; see `switchhook threshold list`"
        )


def kept(tx: sa.Connection, account: str | None = None) -> list[Kept]:
    query = sa.select(threshold).order_by(threshold.c.account, threshold.c.id)
    rows = tx.execute(query.where(threshold.c.account == account) if account else query)
    return [_kept(row) for row in rows]


def one(tx: sa.Connection, id_: int) -> Kept | None:
    row = tx.execute(sa.select(threshold).where(threshold.c.id == id_)).first()
    return _kept(row) if row else None


def to_look_at(tx: sa.Connection, accounts: Collection[str]) -> list[Kept]:
    """Of these accounts, and nobody else's until this transaction ends."""
    query = (
        sa.select(threshold)
        .where(threshold.c.account.in_(accounts))
        .order_by(threshold.c.id)
        .with_for_update()
    )
    return [_kept(row) for row in tx.execute(query)]


def note(tx: sa.Connection, now: Kept) -> None:
    """As it stands after a look."""
    tx.execute(
        sa.update(threshold)
        .where(threshold.c.id == now.id)
        .values(
            crossed=now.bound.crossed,
            times=now.bound.times,
            crossed_at=now.crossed_at,
            said=payload.from_sentence(now.said),
            looked_at=now.looked_at,
        )
    )


def _kept(row: Any) -> Kept:
    bound = Threshold(Measure(row.measure), row.level)
    per = Per(row.per) if row.per else None
    bound = replace(bound, per=per, crossed=row.crossed, times=row.times)
    said = payload.to_sentence(row.said)
    return Kept(
        row.id, row.account, row.service, bound, row.crossed_at, said, row.looked_at,
        row.made_at, row.by,
    )  # fmt: skip
