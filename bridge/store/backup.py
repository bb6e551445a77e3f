"""A backup: one file that either database writes, and either can be restored from.

gzip of JSON lines. First what it is and of which moment; then each table's columns and
its rows, every value as it is kept; last how many rows, and their SHA-256, by table.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command

from bridge.store import chain, facts, revisions
from bridge.store.database import MIGRATING, Database
from bridge.store.drafts import the
from bridge.store.migrating import alembic
from bridge.store.tables import account, attempt, lane, metadata
from bridge.store.types import Amount, Moment
from provisioning.core.outcomes import Refused

FORMAT = 1
AT_ONCE = 1000
"""Rows in memory."""

BEGINS, SAMPLES = 8, 10
"""The bytes in which a sealed value may name its key; and how many are tried."""

Mark = Callable[[], datetime]
Opens = Callable[[bytes, str], bool]


class Unusable(Refused):
    """Not with this file, or not with this database; nothing was written."""


@dataclass(slots=True)
class Tally:
    """The rows of one table, as counted and as they were written."""

    rows: int = 0
    hash: Any = field(default_factory=hashlib.sha256)

    def take(self, line: bytes) -> None:
        self.rows += 1
        self.hash.update(line)

    @property
    def said(self) -> dict[str, Any]:
        return {"rows": self.rows, "sha256": self.hash.hexdigest()}


# written


def backup(database: Database, file: Path, now: Mark) -> dict[str, int]:
    """All of one moment, while others go on. How many rows, by table."""
    # Asked before the view is taken: what came later must never count as in it.
    at = now()
    part = file.with_name(f"{file.name}.part")
    try:
        tallies = _written(database, file, part, at)
    except OSError as wrong:
        raise Unusable(
            f"{file} cannot be written ({wrong.strerror}); what was there is as it was."
            " Make room for it, or name another place"
        ) from wrong
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return {name: tally.rows for name, tally in tallies.items()}


def _written(
    database: Database, file: Path, part: Path, at: datetime
) -> dict[str, Tally]:
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw, database.snapshot(slow=True) as tx:
        with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
            tallies = _write(tx, packed, at)
        raw.flush()
        os.fsync(raw.fileno())
    part.replace(file)
    _sync(file.parent)
    return tallies


def _write(tx: sa.Connection, to: gzip.GzipFile, at: datetime) -> dict[str, Tally]:
    revision = revisions.current(tx)
    if revision != revisions.newest():
        raise Unusable(
            f"the tables are at revision {revision or 'none'}, this version's at"
            f" {revisions.newest()}; bring them up with `switchhook db upgrade`"
        )
    head = {"switchhook": FORMAT, "revision": revision, "moment": at.isoformat()}
    to.write(_line(head))
    tallies: dict[str, Tally] = {}
    for table in metadata.sorted_tables:
        names = [column.name for column in table.columns]
        to.write(_line({"table": table.name, "columns": names}))
        tally = tallies[table.name] = Tally()
        for row in _rows(tx, table):
            to.write(row)
            tally.take(row)
    to.write(_line({"tables": {name: t.said for name, t in tallies.items()}}))
    return tallies


def _rows(tx: sa.Connection, table: sa.Table) -> Iterator[bytes]:
    columns = list(table.columns)
    kept = [sa.type_coerce(column, _kept(column)) for column in columns]
    query = sa.select(*kept).order_by(*table.primary_key.columns)
    packed = [isinstance(column.type, sa.LargeBinary) for column in columns]
    for row in tx.execution_options(yield_per=AT_ONCE).execute(query):
        yield _line(
            [
                base64.b64encode(value).decode()
                if is_bytes and value is not None
                else value
                for value, is_bytes in zip(row, packed, strict=True)
            ]
        )


def _kept(column: sa.Column[Any]) -> Any:
    """The type below ours: numbers go through as they are, and none is rounded."""
    ours = isinstance(column.type, Moment | Amount)
    return sa.BigInteger() if ours else column.type


def _line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _sync(folder: Path) -> None:
    """The new name, too, must outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# restored


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of which moment it was, and how many rows came back, by table."""

    moment: datetime
    rows: dict[str, int]


def restore(
    database: Database, file: Path, at: datetime, opens: Opens = lambda *_: True
) -> Outcome:
    """All of it or nothing, into an empty database; marked as restored.

    *opens* tells of a sealed password and its account whether one of our keys opens it.
    """
    try:
        with gzip.open(file) as packed, database.change(slow=True) as tx:
            return _restored(tx, packed, at, opens)
    except FileNotFoundError:
        raise Unusable(f"there is no file {file}") from None
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as wrong:
        raise Unusable(
            f"{file} is damaged, cut or no backup ({type(wrong).__name__}); nothing was"
            " written. Take another one"
        ) from wrong
    except (sa.exc.IntegrityError, sa.exc.DataError) as wrong:
        raise Unusable(
            f"{file} holds what the database does not take"
            f" ({type(wrong.orig).__name__}); nothing was written. Take another one"
        ) from None


def _restored(
    tx: sa.Connection, packed: gzip.GzipFile, at: datetime, opens: Opens
) -> Outcome:
    lines = iter(packed)
    head = json.loads(next(lines, b""))
    moment = datetime.fromisoformat(head["moment"])
    _fits(head)
    _prepare(tx, head["revision"])
    tallies = _load(tx, lines)
    command.upgrade(alembic(tx), "head")
    broken = next(chain.broken(tx), None)
    if broken:
        raise Unusable(
            f"the ledger of {broken.owner} is not what was written, from entry"
            f" {broken.no} on; nothing was restored. Take another backup"
        )
    if not all(opens(*one) for one in _one_of_each_key(tx)):
        raise Unusable(
            "its passwords do not open with the `key` of this configuration; nothing"
            " was restored. Put in the key of the installation that wrote it, or into"
            " `old_keys` the one it had then"
        )
    _count_on(tx)
    _mark(tx, moment, at)
    return Outcome(moment, {name: tally.rows for name, tally in tallies.items()})


def _one_of_each_key(tx: sa.Connection) -> list[tuple[bytes, str]]:
    """Sealed passwords and their accounts. What a key seals begins alike where it names
    the key, and else like nothing: of what is most common, one each."""
    begins = sa.func.substr(account.c.secret, 1, BEGINS)
    firsts = (
        sa.select(sa.func.min(account.c.id))
        .group_by(begins)
        .order_by(sa.func.count().desc(), sa.func.min(account.c.id))
        .limit(SAMPLES)
    )
    some = sa.select(account.c.secret, account.c.id)
    rows = tx.execute(some.where(account.c.id.in_(firsts)))
    return [(row.secret, row.id) for row in rows]


def _fits(head: dict[str, Any]) -> None:
    known, revision = revisions.known(), head["revision"]
    if head["switchhook"] != FORMAT or revision not in known:
        raise Unusable(
            f"it was made by another version (format {head['switchhook']}, revision"
            f" {revision}; known are format {FORMAT}, revisions {', '.join(known)});"
            " restore it with that version or a newer one"
        )


def _prepare(tx: sa.Connection, revision: str) -> None:
    """Tables of the backup's shape with nothing in them, and nobody else at them."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
    there = set(sa.inspect(tx).get_table_names())
    full = [
        table.name
        for table in metadata.sorted_tables
        if table.name in there and _has_rows(tx, table)
    ]
    if full:
        raise Unusable(
            f"the database is not empty ({', '.join(full)}): move it away, or name a"
            " new one in the configuration; nothing was written"
        )
    had = revisions.current(tx)
    if had not in {None, revision}:
        raise Unusable(
            f"the database's tables are at revision {had}, the backup's at {revision};"
            " restore into a new, empty database"
        )
    command.upgrade(alembic(tx), revision)
    if tx.dialect.name == "postgresql":
        for table in metadata.sorted_tables:
            if table.name in sa.inspect(tx).get_table_names():
                tx.execute(sa.text(f'LOCK TABLE "{table.name}" IN EXCLUSIVE MODE'))


def _has_rows(tx: sa.Connection, table: sa.Table) -> bool:
    first = sa.select(sa.literal(1)).select_from(table).limit(1)
    return tx.execute(first).first() is not None


def _load(tx: sa.Connection, lines: Iterator[bytes]) -> dict[str, Tally]:
    tallies: dict[str, Tally] = {}
    said = None
    for section in _sections(lines):
        if "tables" in section.head:
            said = section.head["tables"]
            # To the end of the file, where gzip keeps its own sum.
            for _ in section.rows:
                raise ValueError("there are rows behind its end")
            continue
        table = metadata.tables[section.head["table"]]
        tallies[table.name] = section.tally
        columns = [table.c[name] for name in section.head["columns"]]
        into = sa.insert(table).values({c.name: the(c.name, _kept(c)) for c in columns})
        while some := [_values(columns, row) for row in islice(section.rows, AT_ONCE)]:
            tx.execute(into, some)
    counted = {name: tally.said for name, tally in tallies.items()}
    if said != counted:
        raise ValueError("the sums at its end are others")
    return tallies


@dataclass(frozen=True, slots=True)
class Section:
    head: dict[str, Any]
    rows: Iterator[list[Any]]
    tally: Tally


def _sections(lines: Iterator[bytes]) -> Iterator[Section]:
    """Each with the rows that follow it; they have to be taken before the next."""
    waiting: list[Any] = [None]

    def rows(tally: Tally) -> Iterator[list[Any]]:
        for line in lines:
            value = json.loads(line)
            if isinstance(value, dict):
                waiting[0] = value
                return
            tally.take(line)
            yield value

    tally = Tally()
    for _ in rows(tally):
        raise ValueError("a row belongs to no table")
    while waiting[0] is not None:
        head, waiting[0], tally = waiting[0], None, Tally()
        yield Section(head, rows(tally), tally)


def _values(columns: list[sa.Column[Any]], row: list[Any]) -> dict[str, Any]:
    return {
        f"the_{column.name}": base64.b64decode(value, validate=True)
        if isinstance(column.type, sa.LargeBinary) and value is not None
        else value
        for column, value in zip(columns, row, strict=True)
    }


def _count_on(tx: sa.Connection) -> None:
    """New rows are numbered behind those that came back. SQLite does so by itself."""
    if tx.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if table.autoincrement_column is not None:
            last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
            sequence = sa.func.pg_get_serial_sequence(table.name, "id")
            tx.execute(
                sa.select(
                    sa.func.setval(
                        sequence, sa.func.coalesce(last, 1), last.is_not(None)
                    )
                )
            )


def _latest(tx: sa.Connection, moment: datetime) -> datetime:
    """Of what is in the backup: its view was taken a little after its moment."""
    last = sa.select(sa.func.max(attempt.c.seen_at), sa.func.max(attempt.c.ended_at))
    known: list[datetime] = [moment, *filter(None, tx.execute(last).one())]
    return max(known)


def _mark(tx: sa.Connection, moment: datetime, at: datetime) -> None:
    """What was sent after the backup nobody here knows: no account is as it was."""
    moment = _latest(tx, moment)
    facts.restore(tx, moment, at)
    since = sa.func.coalesce(account.c.restored_at, sa.literal(moment, Moment))
    tx.execute(sa.update(account).values(restored_at=since))
    tx.execute(sa.update(lane).where(lane.c.lease_until.is_not(None)).values(due=at))
    # Whoever still holds one of the database before is fenced off.
    tx.execute(sa.update(lane).values(lease_until=None, token=lane.c.token + 1))
