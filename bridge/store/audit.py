"""Who had what done, and what came of it: in one chain, which nobody can change."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from bridge.access.who import Who
from bridge.store.tables import audit

GENESIS = "0" * 64
CHAINING = 0x5317C5
"""The number under which PostgreSQL lets one transaction at a time add to the chain."""

HIDDEN = frozenset({"password", "totp", "recovery", "hash", "hashed", "session",
                    "sealed", "swaps", "email", "person", "payer",
                    "visitor"})  # fmt: skip
"""Secrets, and what would be left here of somebody who is gone."""

ASKED = "asked"
"""Under this name a digest of what was sent stands with what is said."""

LONGEST = 500
MOST = 50
ABOUT = ("account", "order", "service", "operation", "attempt", "backend", "user",
         "customer", "api_key", "source", "package", "batch", "to", "tick",
         "delivery", "invitation")  # fmt: skip
"""What an order is about, by the first of these that is named in it."""


@dataclass(frozen=True, slots=True)
class Note:
    id: int
    at: datetime
    who: str
    via: str
    what: str
    about: str | None
    said: Mapping[str, Any]
    told: Mapping[str, Any]
    once: str | None
    before: str
    hash: str


class Reused(LookupError):
    """The asker's key was used for something else."""


def note(
    tx: sa.Connection,
    who: Who,
    what: str,
    said: Mapping[str, Any],
    told: Mapping[str, Any],
    at: datetime,
) -> None:
    """The last thing of its transaction: from here on others wait to add theirs."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(CHAINING)))
    every = {**told, **said}
    row = {
        "at": at,
        "who": who.name,
        "via": who.via,
        "what": what,
        "about": next((str(every[name]) for name in ABOUT if every.get(name)), None),
        "said": _said(who, said),
        "told": dict(told) if who.once else shown(told),
        "once": who.once,
        "before": head(tx),
    }
    tx.execute(sa.insert(audit).values(**row, hash=_hash(row)))


def done(
    tx: sa.Connection, who: Who, what: str, said: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What came of it before; Reused, where the key was something else's."""
    if who.asked:
        return answered(tx, who)
    row = _under(tx, who)
    if row is None:
        return None
    if (row.what, row.said) != (what, json.loads(json.dumps(shown(said)))):
        raise _reused(who)
    return dict(row.told)


def answered(tx: sa.Connection, who: Who) -> dict[str, Any] | None:
    """The same of all that he sent, before anything is made of it."""
    row = _under(tx, who)
    if row is None:
        return None
    if row.said.get(ASKED) != who.asked:
        raise _reused(who)
    return dict(row.told)


def under(tx: sa.Connection, who: Who) -> Note | None:
    """What was done under that key of his."""
    row = _under(tx, who)
    return _note(row) if row else None


def head(tx: sa.Connection) -> str:
    """The hash of the last of them: who has written it down can prove the rest."""
    query = sa.select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    return tx.execute(query).scalar() or GENESIS


def notes(
    tx: sa.Connection,
    *,
    most: int,
    before: int | None = None,
    about: str | None = None,
    of: Collection[str] | None = None,
    who: str | None = None,
) -> list[Note]:
    """The newest first; *before*: only older ones than that number; *of*: about any of
    these."""
    query = sa.select(audit).order_by(audit.c.id.desc()).limit(most)
    for column, value in ((audit.c.about, about), (audit.c.who, who)):
        if value is not None:
            query = query.where(column == value)
    if of is not None:
        query = query.where(audit.c.about.in_(of))
    if before is not None:
        query = query.where(audit.c.id < before)
    return [_note(row) for row in tx.execute(query)]


def every(tx: sa.Connection) -> Iterator[Note]:
    rows = tx.execute(
        sa.select(audit).order_by(audit.c.id), execution_options={"yield_per": 1000}
    )
    return (_note(row) for row in rows)


def broken(all_of_them: Iterable[Note]) -> Note | None:
    """The first that is not what was written, or whose predecessor is gone."""
    before = GENESIS
    for one in all_of_them:
        row = {name: getattr(one, name) for name in Note.__slots__}
        if one.before != before or one.hash != _hash(row):
            return one
        before = one.hash
    return None


def shown(said: Mapping[str, Any]) -> dict[str, Any]:
    """What of it is kept: no secrets, and of what is long, that it was."""
    return {name: "***" if name in HIDDEN else _short(value)
            for name, value in said.items()}  # fmt: skip


def _said(who: Who, said: Mapping[str, Any]) -> dict[str, Any]:
    return shown(said) | ({ASKED: who.asked} if who.asked else {})


def _under(tx: sa.Connection, who: Who) -> Any:
    query = sa.select(audit).where(audit.c.who == who.name, audit.c.once == who.once)
    return tx.execute(query).first()


def _reused(who: Who) -> Reused:
    return Reused(f'the key "{who.once}" was used for something else; choose another')


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{len(value)} letters, sha256 {sha256(value.encode()).hexdigest()}"
    if isinstance(value, Mapping):
        return shown(value)
    if isinstance(value, list | tuple):
        more = [f"and {len(value) - MOST} more"] if len(value) > MOST else []
        return [_short(part) for part in value[:MOST]] + more
    return value


def _hash(row: Mapping[str, Any]) -> str:
    """Over all of the row and the hash before it."""
    parts = {name: row[name] for name in Note.__slots__ if name not in ("id", "hash")}
    written = json.dumps(parts | {"at": row["at"].isoformat()}, sort_keys=True)
    return sha256(written.encode()).hexdigest()


def _note(row: Any) -> Note:
    return Note(**row._mapping)  # noqa: SLF001 - its public name for that
