"""The database: one writer on SQLite, many on PostgreSQL, the same statements."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as Alembic
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import QueuePool, StaticPool

PRAGMAS = (
    "journal_mode=WAL",
    # FULL: an answered event must survive a power cut, not only a killed process.
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
)
READERS = 16
"""Kept open; more come and go."""

MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """On SQLite all writing goes through one connection, one transaction at a time.

    That is a safety rule: SQLite 3.7.0 to 3.51.2 can corrupt a WAL under two
    connections that write and checkpoint (sqlite.org/wal.html, "WAL-reset bug").
    """

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self._writer = (
            _sqlite(self.url)
            if self.embedded
            else sa.create_engine(url, hide_parameters=True)
        )
        self._reader = _read_only(self.url) if self.embedded else self._writer
        self._turn: AbstractContextManager[Any] = (
            threading.Lock() if self.embedded else nullcontext()
        )

    @contextmanager
    def change(self) -> Iterator[sa.Connection]:
        """One transaction: all of it is kept, or none."""
        with self._turn, self._writer.begin() as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        with self._reader.connect() as connection:
            yield connection

    def upgrade(self) -> None:
        """Bring the tables to this version's shape."""
        with self.change() as tx:
            command.upgrade(alembic(tx), "head")

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()


def alembic(connection: sa.Connection) -> Alembic:
    settings = Alembic()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.attributes["connection"] = connection
    return settings


def insert(tx: sa.Connection, table: sa.Table) -> Any:
    """INSERT that knows ON CONFLICT, which both databases write alike."""
    return {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[tx.dialect.name](
        table
    )


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=StaticPool,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late: BEGIN IMMEDIATE below is ours.
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _read_only(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        f"sqlite:///file:{quote(str(url.database))}?mode=ro&uri=true",
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=-1,
        connect_args={"check_same_thread": False},
    )
