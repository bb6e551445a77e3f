"""A statement as the driver takes it: compiled once, run without ceremony.

SQLAlchemy writes it and knows its types; running it past SQLAlchemy's result machinery
saves two thirds of the time a small write takes (measured: 75 → 20 µs on SQLite).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from bridge.store import quiet

Row = Mapping[str, Any]
Process = Callable[[Any], Any] | None

OF_THE_ROW = "the_"
"""So begin the names of values that each row brings; all others are constants."""

TOGETHER = "together"
"""Under this name a connection knows that it sends many in one piece."""


class Ready:
    """One statement for one dialect."""

    def __init__(self, sql: sa.Executable, dialect: sa.engine.Dialect) -> None:
        compiled: Any = sql.compile(dialect=dialect)  # type: ignore[attr-defined]
        self._text = str(compiled)
        processors = dict(compiled._bind_processors)  # noqa: SLF001 - no public name
        constants = dict(compiled.construct_params(_check=False))
        self._positional = compiled.positiontup is not None
        self._fields = [
            _Field(name, constants[name], processors.get(name))
            for name in (compiled.positiontup or constants)
        ]
        columns = compiled._result_columns  # noqa: SLF001 - no public name
        names = [column.keyname for column in columns]
        self._row: Any = namedtuple("Row", names)  # type: ignore[misc] # noqa: PYI024 - known now only
        self._readers = [
            c.type._cached_result_processor(dialect, None)  # noqa: SLF001 - no public name
            for c in columns
        ]

    def send(
        self, tx: sa.Connection, rows: Sequence[Row], *, returns: bool = False
    ) -> Sent:
        """On its way; within `together` its end is known only after that."""
        given = [self._given(row) for row in rows]
        with _told(tx):
            # The cursor, too: of a connection that is gone there is none.
            sent = _SENT[tx.dialect.name](tx.connection.cursor())
            sent.go(self._text, given, returns)
        return sent

    def rows(self, sent: Sent) -> list[Any]:
        """What a SELECT gave back, named and typed as SQLAlchemy does it."""
        return [
            self._row._make(
                value if read is None else read(value)
                for value, read in zip(row, self._readers, strict=True)
            )
            for row in sent.returned()
        ]

    def _given(self, row: Row) -> Any:
        if self._positional:
            return [field.of(row) for field in self._fields]
        return {field.name: field.of(row) for field in self._fields}


def ready(known: Known, sql: sa.Executable, dialect: sa.engine.Dialect) -> Ready:
    """By all that a dialect learns from its database: every engine has its own."""
    like = dialect.name, dialect.server_version_info
    if like not in known:
        known[like] = Ready(sql, dialect)
    return known[like]


class _Field:
    """A value a statement takes: of the row, or always the same."""

    __slots__ = ("name", "of")

    def __init__(self, name: str, constant: Any, process: Process) -> None:
        self.name = name
        self.of: Callable[[Row], Any]
        if not name.startswith(OF_THE_ROW):
            constant = process(constant) if process else constant
            self.of = lambda _: constant
            return
        take = itemgetter(name.removeprefix(OF_THE_ROW))
        self.of = take if process is None else lambda row: process(take(row))


class _OneByOne:
    """SQLite: no way between us, so nothing is gained by sending rows together."""

    def __init__(self, cursor: Any) -> None:
        self._cursor, self._rows = cursor, []  # type: ignore[var-annotated]

    def go(self, text: str, given: Sequence[Any], returns: bool) -> None:
        if returns:
            for one in given:
                self._rows += self._cursor.execute(text, one).fetchall()
        else:
            self._cursor.executemany(text, given)

    def changed(self) -> int:
        return int(self._cursor.rowcount)

    def returned(self) -> list[Any]:
        return self._rows


class _InOneGo:
    """psycopg: all on their way before the first answer is back."""

    def __init__(self, cursor: Any) -> None:
        self._cursors = [cursor]

    def go(self, text: str, given: Sequence[Any], returns: bool) -> None:
        [cursor] = self._cursors
        if len(given) > 1 and not returns:
            cursor.executemany(text, given)
            return
        # Many that give something back executemany would wait for, each time.
        more = [cursor.connection.cursor() for _ in given[1:]]
        self._cursors += more
        for one, row in zip(self._cursors, given, strict=True):
            one.execute(text, row)

    def changed(self) -> int:
        [cursor] = self._cursors
        return int(cursor.rowcount)

    def returned(self) -> list[Any]:
        return [row for one in self._cursors for row in one.fetchall()]


Sent = _OneByOne | _InOneGo
Known = dict[tuple[str, object], Ready]
_SENT: Mapping[str, type[Sent]] = {"sqlite": _OneByOne, "postgresql": _InOneGo}


@contextmanager
def together(tx: sa.Connection) -> Iterator[None]:
    """What is sent within goes out in one piece, where there is a way between us.

    Within another it is part of that one: nothing is waited for at its end. What goes
    through SQLAlchemy's own execute has no answer yet then: only ours may be sent.
    """
    if tx.dialect.name == "sqlite" or TOGETHER in tx.info:
        yield
        return
    driver: Any = tx.connection.driver_connection
    known = tx.info  # of an invalid connection nothing can be asked afterwards
    known[TOGETHER] = True
    try:
        with _told(tx), driver.pipeline():
            yield
    finally:
        del known[TOGETHER]


@contextmanager
def _told(tx: sa.Connection) -> Iterator[None]:
    try:
        yield
    except tx.dialect.loaded_dbapi.Error as error:
        quiet.quieted(error)
        raise _as_told(tx, error) from error


def _as_told(tx: sa.Connection, error: Any) -> sa.exc.DBAPIError:
    """The error SQLAlchemy makes of it; a dead connection is not used again."""
    # It may have been told once before, by what was sent within.
    gone = tx.invalidated or tx.dialect.is_disconnect(error, tx.connection, None)
    if gone and not tx.invalidated:
        tx.invalidate(error)
    told = sa.exc.DBAPIError.instance(
        None,
        None,
        error,
        tx.dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=gone,
        dialect=tx.dialect,
    )
    assert isinstance(told, sa.exc.DBAPIError)  # noqa: S101 - it wraps a driver's error
    return told
