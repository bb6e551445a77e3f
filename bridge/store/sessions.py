"""Who is logged in, where from, and until when: at the console, or *of* a shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.store.tables import session

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Session:
    hash: str
    user: str
    began_at: datetime
    seen_at: datetime
    proved_at: datetime
    until: datetime
    address: str
    agent: str

    def holds(self, at: datetime) -> bool:
        return at < min(self.until, self.seen_at + IDLE)


def begin(
    tx: sa.Connection, hash_: str, name: str, address: str, agent: str, at: datetime,
    of: sa.Table = session,
) -> None:  # fmt: skip
    tx.execute(sa.delete(of).where(of.c.until < at))
    new = {
        "hash": hash_, "user": name, "began_at": at, "seen_at": at, "proved_at": at,
        "until": at + LONGEST, "address": address, "agent": agent[:200],
    }  # fmt: skip
    tx.execute(sa.insert(of).values(new))


def found(tx: sa.Connection, hash_: str, of: sa.Table = session) -> Session | None:
    row = tx.execute(sa.select(of).where(of.c.hash == hash_)).first()
    return _session(row) if row else None


def of_user(
    tx: sa.Connection, name: str, at: datetime, of: sa.Table = session
) -> list[Session]:
    query = sa.select(of).where(of.c.user == name)
    rows = tx.execute(query.order_by(of.c.seen_at.desc()))
    return [one for row in rows if (one := _session(row)).holds(at)]


def of_all(tx: sa.Connection, at: datetime) -> list[Session]:
    """The one seen last first."""
    rows = tx.execute(sa.select(session).order_by(session.c.seen_at.desc()))
    return [one for row in rows if (one := _session(row)).holds(at)]


def seen(tx: sa.Connection, hash_: str, at: datetime, of: sa.Table = session) -> None:
    _set(tx, hash_, of, seen_at=at)


def proved(tx: sa.Connection, hash_: str, at: datetime, of: sa.Table = session) -> None:
    _set(tx, hash_, of, proved_at=at, seen_at=at)


def end(tx: sa.Connection, hash_: str, of: sa.Table = session) -> None:
    tx.execute(sa.delete(of).where(of.c.hash == hash_))


def end_all(tx: sa.Connection, name: str, of: sa.Table = session) -> None:
    tx.execute(sa.delete(of).where(of.c.user == name))


def end_others(tx: sa.Connection, name: str, but: str, of: sa.Table = session) -> None:
    tx.execute(sa.delete(of).where(of.c.user == name, of.c.hash != but))


def _set(tx: sa.Connection, hash_: str, of: sa.Table, **values: Any) -> None:
    tx.execute(sa.update(of).where(of.c.hash == hash_).values(**values))


def _session(row: Any) -> Session:
    return Session(**row._mapping)  # noqa: SLF001 - its public name for that
