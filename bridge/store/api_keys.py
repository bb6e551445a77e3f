"""Keys of programs that ask and act by the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.access.roles import Principal, Role, Scope
from bridge.store.tables import api_key


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: str
    hash: str = field(repr=False)
    label: str
    role: Role
    scope: Scope
    made_by: str
    made_at: datetime
    until: datetime | None
    used_at: datetime | None
    ended_at: datetime | None

    @property
    def principal(self) -> Principal:
        return Principal(f"key {self.id}", self.role, self.scope)

    def holds(self, at: datetime) -> bool:
        return self.ended_at is None and (self.until is None or at < self.until)


def add(
    tx: sa.Connection,
    id_: str,
    hash_: str,
    label: str,
    role: Role,
    sources: list[str] | None,
    made_by: str,
    until: datetime | None,
    at: datetime,
) -> None:
    new = {
        "id": id_, "hash": hash_, "label": label, "role": role, "sources": sources,
        "made_by": made_by, "made_at": at, "until": until,
    }  # fmt: skip
    tx.execute(sa.insert(api_key).values(new))


def found(tx: sa.Connection, id_: str) -> ApiKey | None:
    row = tx.execute(sa.select(api_key).where(api_key.c.id == id_)).first()
    return _key(row) if row else None


def all_made(tx: sa.Connection) -> list[ApiKey]:
    query = sa.select(api_key).order_by(
        api_key.c.ended_at.is_not(None), api_key.c.made_at.desc()
    )
    return [_key(row) for row in tx.execute(query)]


def used(tx: sa.Connection, id_: str, at: datetime) -> None:
    tx.execute(sa.update(api_key).where(api_key.c.id == id_).values(used_at=at))


def end(tx: sa.Connection, id_: str, at: datetime) -> bool:
    """Whether there was one that held."""
    done = tx.execute(
        sa.update(api_key)
        .where(api_key.c.id == id_, api_key.c.ended_at.is_(None))
        .values(ended_at=at)
    )
    return bool(done.rowcount)


def _key(row: Any) -> ApiKey:
    return ApiKey(
        id=row.id,
        hash=row.hash,
        label=row.label,
        role=Role(row.role),
        scope=Scope.kept(row.sources),
        made_by=row.made_by,
        made_at=row.made_at,
        until=row.until,
        used_at=row.used_at,
        ended_at=row.ended_at,
    )
