"""A statement as the driver takes it: compiled once, run without ceremony.

SQLAlchemy writes it and knows its types; running it past SQLAlchemy's result machinery
saves two thirds of the time a small write takes (measured: 75 → 20 µs on SQLite).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from bridge.store import quiet

Row = Mapping[str, Any]
Process = Callable[[Any], Any] | None


class Ready:
    """One statement for one dialect."""

    def __init__(self, sql: sa.Executable, dialect: sa.engine.Dialect) -> None:
        compiled: Any = sql.compile(dialect=dialect)  # type: ignore[attr-defined]
        self._text = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup
        self._constants = dict(compiled.construct_params(_check=False))
        self._processors: dict[str, Process] = dict(compiled._bind_processors)  # noqa: SLF001 - no public name

    def run(self, tx: sa.Connection, rows: Sequence[Row]) -> int:
        """How many rows it changed. Raises what SQLAlchemy would raise."""
        return self.send(tx, rows).changed()

    def fetch(self, tx: sa.Connection, rows: Sequence[Row]) -> list[Any]:
        """What it gives back, row by row; a row that met a conflict gives nothing."""
        return self.send(tx, rows, returns=True).returned()

    def send(
        self, tx: sa.Connection, rows: Sequence[Row], *, returns: bool = False
    ) -> Sent:
        """On its way; within `together` its end is known only after that."""
        given = [self._given(row) for row in rows]
        sent = _SENT[tx.dialect.name](tx.connection.cursor())
        with _told(tx):
            sent.go(self._text, given, returns)
        return sent

    def _given(self, row: Row) -> Any:
        values = {
            name: process(value) if (process := self._processors.get(name)) else value
            for name, value in (self._constants | dict(row)).items()
        }
        return values if self._order is None else [values[n] for n in self._order]


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
        self._cursor, self._many = cursor, False

    def go(self, text: str, given: Sequence[Any], returns: bool) -> None:
        self._many = len(given) > 1
        if self._many:
            self._cursor.executemany(text, given, returning=returns)
        else:
            self._cursor.execute(text, given[0])

    def changed(self) -> int:
        return int(self._cursor.rowcount)

    def returned(self) -> list[Any]:
        if not self._many:
            return list(self._cursor.fetchall())
        return [row for one in self._cursor.results() for row in one.fetchall()]


Sent = _OneByOne | _InOneGo
_SENT: Mapping[str, type[Sent]] = {"sqlite": _OneByOne, "postgresql": _InOneGo}


@contextmanager
def together(tx: sa.Connection) -> Iterator[None]:
    """What is sent within goes out in one piece, where there is a way between us."""
    if tx.dialect.name == "sqlite":
        yield
        return
    driver: Any = tx.connection.driver_connection
    with _told(tx), driver.pipeline():
        yield


@contextmanager
def _told(tx: sa.Connection) -> Iterator[None]:
    try:
        yield
    except tx.dialect.loaded_dbapi.Error as error:
        quiet.quieted(error)
        raise _as_told(tx, error) from error


def _as_told(tx: sa.Connection, error: Any) -> sa.exc.DBAPIError:
    """The error SQLAlchemy makes of it; a dead connection is not used again."""
    gone = tx.dialect.is_disconnect(error, tx.connection, None)
    if gone:
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
