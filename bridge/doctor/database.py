"""The database: reached, of this version's shape, and a library to be trusted."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from bridge.clock import Clock, clock_of
from bridge.doctor.clocks import apart
from bridge.doctor.finding import Findings, fail, ok, warn
from bridge.parts import Parts
from bridge.store import revisions
from bridge.store.database import Database

WAL_BUG = (3, 7, 0), (3, 51, 2)
MENDED = {(3, 44): 6, (3, 50): 7}
"""Of these lines, the release that has the mending of 3.51.3 as well."""


def reached(parts: Parts) -> Findings:
    database = parts.database
    file = Path(str(database.url.database))
    if database.embedded and not file.exists():
        yield warn("database", f"{file} is not there yet; `switchhook serve` makes it")
        return
    try:
        with database.read() as tx:
            found = revisions.current(tx)
    except sa.exc.DBAPIError as wrong:
        # Only the first line: what follows may quote what was sent.
        why = str(wrong.orig).strip().partition("\n")[0]
        yield fail("database", f"it cannot be read: {why}")
        return
    yield from _shape(found)
    if not database.embedded:
        yield from _clock(database)


def _shape(found: str | None) -> Findings:
    newest = revisions.newest()
    if found == newest:
        yield ok("database", f"its tables are of this version ({newest})")
    elif found is None:
        yield warn("database", "it has no tables yet; `switchhook serve` makes them")
    elif found in revisions.known():
        out = "`switchhook serve` or `switchhook db upgrade` changes them"
        yield warn("database", f"its tables are older ({found}); {out}")
    else:
        out = "start that newer version instead"
        yield fail("database", f"its tables are newer than this version; {out}")


def _clock(database: Database) -> Findings:
    """What is signed is judged by the database's clock; certificates by this one."""
    clock: Clock = clock_of(database)
    skew = (clock.now() - datetime.now(UTC)).total_seconds()
    yield apart("clock of the database", skew)


def library(parts: Parts) -> Findings:
    if not parts.database.embedded:
        return
    version = sqlite3.sqlite_version_info
    said = f"SQLite {sqlite3.sqlite_version}"
    if has_wal_bug(version):
        said += (
            "; before 3.51.3 its log can be damaged by two processes that write, which"
            " is why one does all here: let no other program write to the file"
        )
    yield ok("sqlite", said)


def has_wal_bug(version: tuple[int, ...]) -> bool:
    """sqlite.org/wal.html, "WAL-reset bug"."""
    first, last = WAL_BUG
    mended = MENDED.get((version[0], version[1]))
    return first <= version <= last and (mended is None or version[2] < mended)
