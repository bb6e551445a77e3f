"""The database: one writer on SQLite, many on PostgreSQL, the same statements."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import QueuePool, StaticPool

from bridge.store import quiet

PRAGMAS = (
    "journal_mode=WAL",
    # FULL: an answered event must survive a power cut, not only a killed process.
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
)
READERS = 16
"""Kept open; more come and go."""

WRITERS = 4
MIGRATING = 0x5317C4
"""The number under which PostgreSQL lets one process at a time migrate."""

STANDING_STILL = timedelta(seconds=10)
"""A change in which nothing happens for so long is rolled back by PostgreSQL."""

TELLS_WHOLE = 170_000
"""From this version on it can bound a whole transaction, too."""

TAKEN_AWAY = {"25P03", "25P04"}
"""What it says then."""

GAVE_WAY = {"40001", "40P01", "55P03"}
"""Serialisation failure, deadlock, lock not to be had: nothing was kept."""


class Lost(Exception):
    """The connection went while it committed: kept or not, only a look can tell."""


class Database:
    """On SQLite all writing goes through one connection, one transaction at a time.

    That is a safety rule: SQLite 3.7.0 to 3.51.2 can corrupt a WAL under two
    connections that write and checkpoint (sqlite.org/wal.html, "WAL-reset bug").
    *pooled*: behind a transaction pooler, where no prepared statement outlives one.
    """

    def __init__(self, url: str, *, pooled: bool = False) -> None:
        self.url = sa.make_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self._writer = _sqlite(self.url) if self.embedded else _shared(url, pooled)
        # Nothing is decided by what was read that a commit does not check again: so
        # reads need no transaction, and on PostgreSQL cost one way less.
        self._reader = (
            _read_only(self.url)
            if self.embedded
            else self._writer.execution_options(isolation_level="AUTOCOMMIT")
        )
        if not self.embedded:
            quiet.listen(self._writer)
        self._turn: AbstractContextManager[Any] = (
            threading.Lock() if self.embedded else nullcontext()
        )

    @contextmanager
    def change(self, *, slow: bool = False) -> Iterator[sa.Connection]:
        """One transaction: all of it is kept, or none; Lost, where nobody knows.

        *slow*: it may take as long as it takes.
        """
        with self._turn, self._writer.connect() as tx:
            begun = tx.begin()
            try:
                if slow and not self.embedded:
                    self._take_all_the_time(tx)
                yield tx
            except BaseException as error:
                with suppress(sa.exc.DBAPIError):  # it may be gone: the first one tells
                    begun.rollback()
                if _stood_still(error):
                    raise Lost("the database waited too long for us") from None
                raise
            try:
                begun.commit()
            except sa.exc.DBAPIError as error:
                if disconnected(error) or _stood_still(error):
                    raise Lost("the connection was lost at COMMIT") from None
                raise

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self, *, slow: bool = False) -> Iterator[sa.Connection]:
        """One moment's view for as long as it is read; it holds up nobody.

        *slow*: whoever writes down what is read may be; that is no standing still.
        """
        if self.embedded:
            with self._reader.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                yield connection
            return
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._writer.execution_options(**options).begin() as connection:
            if slow:
                self._take_all_the_time(connection)
            yield connection

    def _take_all_the_time(self, connection: sa.Connection) -> None:
        known = connection.dialect.server_version_info or ()
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        if known >= (TELLS_WHOLE // 10_000,):
            connection.exec_driver_sql("SET LOCAL transaction_timeout = 0")

    def upgrade(self) -> None:
        """Bring the tables to this version's shape; one process at a time does."""
        # Here: alembic takes as long to load as all this, and few ever migrate.
        from bridge.store import migrating  # noqa: PLC0415

        with self.change(slow=True) as tx:
            if not self.embedded:
                tx.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
            migrating.upgrade(tx)

    def let_go(self) -> None:
        """Keep nothing open to write with: another process is about to be the one."""
        with self._turn:
            self._writer.dispose()

    def close(self) -> None:
        """What somebody still has in hand is closed as he gives it back."""
        for engine in (self._writer, self._reader):
            sa.event.listen(engine, "checkin", _close)
            engine.dispose()


def transient(error: sa.exc.DBAPIError) -> bool:
    """Broken off by the database for its own reasons: the same again may go well."""
    return getattr(error.orig, "sqlstate", None) in GAVE_WAY


def disconnected(error: sa.exc.DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or state.startswith(("08", "57P"))


def _stood_still(error: BaseException) -> bool:
    """The connection was taken from us. The driver counts it as an error of its own."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in TAKEN_AWAY


def insert(tx: sa.Connection, table: sa.Table) -> Any:
    """INSERT that knows ON CONFLICT, which both databases write alike."""
    return {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[tx.dialect.name](
        table
    )


def _close(_connection: Any, record: Any) -> None:
    record.invalidate()


def _shared(url: str, pooled: bool) -> sa.Engine:
    """PostgreSQL: a dead server is noticed in seconds, not when TCP gives up."""
    reach = {"connect_timeout": 5, "tcp_user_timeout": 20_000, "keepalives_idle": 10}
    prepared = {"prepare_threshold": None} if pooled else {}
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        pool_size=READERS + WRITERS,
        max_overflow=-1,
        # Whoever waited for a row must see what its holder kept, whatever the server's
        # default is: an account and the money that waits for it meet by that.
        isolation_level="READ COMMITTED",
        connect_args=reach | prepared,
    )
    if not pooled:
        sa.event.listen(engine, "connect", _let_go_in_time)
    return engine


def _let_go_in_time(connection: Any, _record: Any) -> None:
    """A process that stands still in the middle of a change holds up no other."""
    # Not behind a pooler: there a session's settings go to whoever comes next.
    milliseconds = STANDING_STILL // timedelta(milliseconds=1)
    connection.execute(f"SET idle_in_transaction_session_timeout = {milliseconds}")
    if connection.info.server_version >= TELLS_WHOLE:
        # Stopped amid a pipeline it is not idle to the server, and would hold its rows
        # for ever (seen with 18.6: a door waited until the process went on).
        connection.execute(f"SET transaction_timeout = {2 * milliseconds}")
    connection.commit()


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
