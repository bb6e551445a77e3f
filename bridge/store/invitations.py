"""Who is invited to a client's account, until he joins or the link is too old.

An invitation holds no address: whose it is may still sign up by himself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.access.customers import Standing
from bridge.store.customers import LASTS, Purpose
from bridge.store.tables import invitation


@dataclass(frozen=True, slots=True)
class Invitation:
    id: str
    source: str
    client: str
    role: Standing
    email: str
    language: str
    made_at: datetime
    until: datetime
    hash: str | None = field(repr=False)
    """Of the link; None, until its mail is written."""


def one(tx: sa.Connection, id_: str) -> Invitation | None:
    query = sa.select(invitation).where(invitation.c.id == id_)
    return _invitation(tx.execute(query).first())


def linked(tx: sa.Connection, hash_: str, at: datetime) -> Invitation | None:
    """Whose link that is, as long as it holds."""
    c = invitation.c
    query = sa.select(invitation).where(c.hash == hash_, c.until > at)
    return _invitation(tx.execute(query).first())


def of_client(tx: sa.Connection, client: str, at: datetime) -> list[Invitation]:
    c = invitation.c
    query = sa.select(invitation).where(c.client == client, c.until > at)
    rows = tx.execute(query.order_by(c.made_at, c.id))
    return [made for row in rows if (made := _invitation(row))]


def add(tx: sa.Connection, at: datetime, **said: Any) -> None:
    """The newest to an address is the only one of that client."""
    c, until = invitation.c, at + LASTS[Purpose.JOIN]
    same = sa.and_(c.client == said["client"], c.email == said["email"])
    tx.execute(sa.delete(invitation).where(sa.or_(same, c.until < at)))
    tx.execute(sa.insert(invitation).values(made_at=at, until=until, **said))


def link(tx: sa.Connection, id_: str, hash_: str) -> None:
    this = invitation.c.id == id_
    tx.execute(sa.update(invitation).where(this).values(hash=hash_))


def end(tx: sa.Connection, id_: str) -> bool:
    """Whether it was there."""
    gone = tx.execute(sa.delete(invitation).where(invitation.c.id == id_))
    return bool(gone.rowcount)


def _invitation(row: Any) -> Invitation | None:
    if row is None:
        return None
    known = dict(row._mapping)  # noqa: SLF001 - its public name for that
    return Invitation(**known | {"role": Standing(row.role)})
