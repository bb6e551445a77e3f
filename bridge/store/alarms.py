"""Alerts: one row for as long as its cause lasts; told when it begins and ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.store import payload
from bridge.store.database import insert
from bridge.store.tables import alert
from provisioning.core.sentences import Sentence

AGAIN = timedelta(hours=24)
"""It is told again so long after the last time, while it lasts."""


@dataclass(frozen=True, slots=True)
class Alert:
    id: int
    topic: str
    about: str
    why: Sentence | None
    began_at: datetime
    seen_at: datetime
    told_at: datetime | None
    ended_at: datetime | None


def settle(
    tx: sa.Connection, topic: str, found: Mapping[str, Sentence], at: datetime
) -> None:
    """Raise what is new, renew what lasts, end what is over."""
    if found:
        tx.execute(
            _raising(tx),
            [
                {
                    "topic": topic,
                    "about": about,
                    "why": payload.from_sentence(why),
                    "began_at": at,
                    "seen_at": at,
                }
                for about, why in found.items()
            ],
        )
    over = [one.id for one in _open(tx, topic) if one.about not in found]
    if over:
        end = sa.update(alert).where(alert.c.id == sa.bindparam("id_"), LASTS)
        tx.execute(end.values(ended_at=at), [{"id_": id_} for id_ in over])


def untold(tx: sa.Connection, at: datetime) -> list[Alert]:
    """What has to be said now, ours until the end of this transaction.

    What ended before anybody heard of it is not told.
    """
    lasts = sa.and_(
        alert.c.ended_at.is_(None),
        sa.or_(alert.c.told_at.is_(None), alert.c.told_at <= at - AGAIN),
    )
    over = alert.c.told_at < alert.c.ended_at
    query = sa.select(alert).where(sa.or_(lasts, over)).order_by(alert.c.id)
    return _alerts(tx, query.with_for_update())


def told(tx: sa.Connection, alerts: list[Alert], at: datetime) -> None:
    tx.execute(
        sa.update(alert)
        .where(alert.c.id == sa.bindparam("id_"))
        .values(told_at=sa.bindparam("at_")),
        # Never before its end, or its end would be told twice.
        [{"id_": one.id, "at_": max(at, one.ended_at or at)} for one in alerts],
    )


def lasting(tx: sa.Connection) -> list[Alert]:
    return _open(tx, None)


def newest(
    tx: sa.Connection, last: int, before: int | None = None, *, over: bool = True
) -> list[Alert]:
    """*before*: only older ones than that; *over*: also those that are over."""
    query = sa.select(alert).order_by(alert.c.id.desc()).limit(last)
    if before is not None:
        query = query.where(alert.c.id < before)
    return _alerts(tx, query if over else query.where(LASTS))


# The index's own words, as a literal: it is what makes them one open alert.
LASTS = sa.text("ended_at IS NULL")


def _raising(tx: sa.Connection) -> Any:
    new = insert(tx, alert)
    return new.on_conflict_do_update(
        index_elements=["topic", "about"],
        index_where=LASTS,
        set_={"why": new.excluded.why, "seen_at": new.excluded.seen_at},
    )


def _open(tx: sa.Connection, topic: str | None) -> list[Alert]:
    query = sa.select(alert).where(LASTS).order_by(alert.c.id)
    return _alerts(tx, query.where(alert.c.topic == topic) if topic else query)


def _alerts(tx: sa.Connection, query: sa.Select[Any]) -> list[Alert]:
    return [
        Alert(**{**row, "why": payload.to_sentence(row["why"])})
        for row in tx.execute(query).mappings()
    ]
