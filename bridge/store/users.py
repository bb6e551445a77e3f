"""Who may log in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.access.roles import Principal, Role, Scope
from bridge.store import factors
from bridge.store.database import insert
from bridge.store.tables import user


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: Role
    scope: Scope
    password: str | None = field(repr=False)
    totp: bytes | None = field(repr=False)
    step: int
    recovery: tuple[str, ...] = field(repr=False)
    invited_until: datetime | None
    made_at: datetime
    ended_at: datetime | None

    @property
    def principal(self) -> Principal:
        return Principal(self.name, self.role, self.scope)

    @property
    def is_set_up(self) -> bool:
        return self.password is not None and self.totp is not None


def named(tx: sa.Connection, name: str) -> User | None:
    row = tx.execute(sa.select(user).where(user.c.name == name)).first()
    return _user(row) if row else None


def invited(tx: sa.Connection, hash_: str, at: datetime) -> User | None:
    """Whom the link is for, as long as it holds."""
    query = sa.select(user).where(
        user.c.invited == hash_, user.c.invited_until > at, user.c.ended_at.is_(None)
    )
    row = tx.execute(query).first()
    return _user(row) if row else None


def everybody(tx: sa.Connection) -> list[User]:
    query = sa.select(user).order_by(user.c.ended_at.is_not(None), user.c.name)
    return [_user(row) for row in tx.execute(query)]


def add(
    tx: sa.Connection,
    name: str,
    role: Role,
    sources: list[str] | None,
    at: datetime,
) -> bool:
    """Whether there was none of that name."""
    new = insert(tx, user).values(
        name=name, role=role, sources=sources, step=0, recovery=[], made_at=at
    )
    made = tx.execute(new.on_conflict_do_nothing().returning(user.c.name))
    return made.first() is not None


def invite(tx: sa.Connection, name: str, hash_: str, until: datetime) -> None:
    _set(tx, name, invited=hash_, invited_until=until, ended_at=None)


def set_up(
    tx: sa.Connection, name: str, password: str, totp: bytes, recovery: list[str]
) -> None:
    """By the link, which holds no longer."""
    _set(
        tx, name, password=password, totp=totp, recovery=recovery, step=0,
        invited=None, invited_until=None,
    )  # fmt: skip


def rehash(tx: sa.Connection, name: str, password: str) -> None:
    _set(tx, name, password=password)


def use_up(
    tx: sa.Connection, name: str, step: int | None, recovery: str | None
) -> None:
    factors.use_up(tx, user, user.c.name == name, step, recovery)


def become(tx: sa.Connection, name: str, role: Role, sources: list[str] | None) -> None:
    _set(tx, name, role=role, sources=sources)


def end(tx: sa.Connection, name: str, at: datetime) -> None:
    _set(tx, name, ended_at=at, invited=None, invited_until=None)


def owners(tx: sa.Connection) -> list[str]:
    """Those who can let others in; locked until this transaction ends."""
    query = sa.select(user.c.name).where(
        user.c.role == Role.OWNER, user.c.ended_at.is_(None)
    )
    return list(tx.execute(query.with_for_update()).scalars())


def _set(tx: sa.Connection, name: str, **values: Any) -> None:
    tx.execute(sa.update(user).where(user.c.name == name).values(**values))


def _user(row: Any) -> User:
    return User(
        name=row.name,
        role=Role(row.role),
        scope=Scope.kept(row.sources),
        password=row.password,
        totp=row.totp,
        step=row.step,
        recovery=tuple(row.recovery),
        invited_until=row.invited_until,
        made_at=row.made_at,
        ended_at=row.ended_at,
    )
