"""A copy of the whole database in a file, and back, from and into either kind.

Lines of JSON, compressed: what it is, each table's rows with their values exactly as
they are kept, and each table's count and digest: a cut or changed file is refused.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from bridge.store import books, facts
from bridge.store.database import Database
from bridge.store.tables import account, lane, metadata
from bridge.store.types import EPOCH, Moment

KIND, VERSION = "switchhook backup", 1
TOGETHER = 500


class Lines(Protocol):
    def readline(self) -> bytes: ...


class Unusable(Exception):
    """Why a file cannot be restored, or not into this database."""


@dataclass(frozen=True, slots=True)
class Copied:
    moment: datetime
    rows: int


def backup(database: Database, file: Path, at: datetime) -> Copied:
    """Everything as it is at one moment, while others go on; whole, or not there."""
    part = file.with_name(f"{file.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as out:
            rows = _write(database, out, at)
        raw.flush()
        os.fsync(raw.fileno())
    part.rename(file)
    return Copied(at, rows)


def restore(database: Database, file: Path, at: datetime) -> Copied:
    """Into an empty database of this version, in one transaction; it is marked after.

    Raises Unusable, and then nothing was written.
    """
    try:
        with gzip.open(file, "rb") as lines, database.change() as tx:
            return _read(tx, lines, at)
    except (OSError, EOFError, ValueError, KeyError) as wrong:
        raise Unusable(f"{file} is no whole backup: {type(wrong).__name__}") from wrong


def _write(database: Database, out: gzip.GzipFile, at: datetime) -> int:
    total = 0
    with database.snapshot() as tx:
        about = {"kind": KIND, "version": VERSION, "revision": _revision(tx),
                 "moment": Moment().process_bind_param(at)}  # fmt: skip
        _line(out, about)
        for table in metadata.sorted_tables:
            count, digest = 0, sha256()
            for row in _rows(tx, table):
                digest.update(_line(out, row))
                count += 1
            ended = {"table": table.name, "rows": count, "digest": digest.hexdigest()}
            _line(out, ended)
            total += count
    return total


def _rows(tx: sa.Connection, table: sa.Table) -> Iterator[list[Any]]:
    """As kept: whole numbers for moments and sums, not what they stand for."""
    kept = [sa.type_coerce(column, _plain(column.type)) for column in table.columns]
    found = tx.execution_options(yield_per=TOGETHER).execute(
        sa.select(*kept).order_by(*table.primary_key.columns)
    )
    for row in found:
        yield [_shown(value) for value in row]


def _plain(type_: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    return sa.BigInteger() if isinstance(type_, sa.TypeDecorator) else type_


def _shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    return {"json": value} if isinstance(value, dict | list) else value


def _line(out: gzip.GzipFile, content: Any) -> bytes:
    line = json.dumps(content, ensure_ascii=True).encode() + b"\n"
    out.write(line)
    return line


def _read(tx: sa.Connection, lines: Lines, at: datetime) -> Copied:
    about = json.loads(lines.readline())
    if about["kind"] != KIND or about["version"] != VERSION:
        raise Unusable("it is no backup that this version reads")
    if about["revision"] != _revision(tx):
        raise Unusable(
            f"it is of revision {about['revision']}, this database of {_revision(tx)};"
            " restore with the version that made it, then upgrade"
        )
    total = 0
    for table in metadata.sorted_tables:
        if tx.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise Unusable(
                f"the database has rows already ({table.name}); restore into an empty"
                " one: move the old one away, or name another in the configuration"
            )
        total += _read_table(tx, table, lines)
    _set_up(tx)
    moment = Moment().process_result_value(about["moment"])
    _mark(tx, moment or EPOCH, at)
    _prove(tx)
    return Copied(moment or EPOCH, total)


def _read_table(tx: sa.Connection, table: sa.Table, lines: Lines) -> int:
    plain = sa.table(table.name, *(sa.column(c.name, _plain(c.type)) for c in table.c))
    names = [column.name for column in table.columns]
    digest, count = sha256(), 0
    some: list[dict[str, Any]] = []
    while True:
        line = lines.readline()
        content = json.loads(line)
        if isinstance(content, dict):
            break
        digest.update(line)
        count += 1
        some.append(dict(zip(names, map(_meant, content), strict=True)))
        if len(some) == TOGETHER:
            tx.execute(sa.insert(plain), some)
            some = []
    if some:
        tx.execute(sa.insert(plain), some)
    told = {"table": table.name, "rows": count, "digest": digest.hexdigest()}
    if content != told:
        raise Unusable(f"what it holds of {table.name} is not what was written")
    return count


def _meant(value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["bytes"]) if "bytes" in value else value["json"]
    return value


def _set_up(tx: sa.Connection) -> None:
    """Numbers go on after those restored; whoever held a lane is gone."""
    if tx.dialect.name == "postgresql":
        for table in metadata.sorted_tables:
            if "id" in table.c and isinstance(table.c.id.type, sa.BigInteger):
                last = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))
                number = tx.execute(last).scalar_one() + 1
                name = sa.func.pg_get_serial_sequence(table.name, "id")
                tx.execute(sa.select(sa.func.setval(name, number, sa.false())))
    gone = sa.update(lane).where(lane.c.lease_until.is_not(None))
    tx.execute(gone.values(lease_until=None, due=lane.c.lease_until))


def _mark(tx: sa.Connection, moment: datetime, at: datetime) -> None:
    tx.execute(sa.update(account).values(restored_at=moment))
    told = {"backup": moment.isoformat(), "restored": at.isoformat()}
    facts.keep(tx, facts.RESTORED, told, at)


def _prove(tx: sa.Connection) -> None:
    chains: dict[str, list[books.Entry]] = {}
    for entry in books.entries(tx):
        chains.setdefault(entry.owner, []).append(entry)
    for owner, chain in chains.items():
        if broken := books.broken_chain(chain):
            raise Unusable(f"the ledger of {owner} is not whole at entry {broken.no}")


def _revision(tx: sa.Connection) -> str | None:
    found: str | None = tx.execute(
        sa.text("SELECT version_num FROM alembic_version")
    ).scalar()
    return found
