"""A statement as the driver takes it: compiled once, run without ceremony.

SQLAlchemy writes it and knows its types; running it past SQLAlchemy's result machinery
saves two thirds of the time a small write takes (measured: 75 → 20 µs on SQLite).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from bridge.store import quiet

Row = Mapping[str, Any]
Process = Callable[[Any], Any] | None
Do = Callable[[Any, str, Sequence[Any]], Any]


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
        return int(self._with_cursor(tx, rows, _changed))

    def fetch(self, tx: sa.Connection, rows: Sequence[Row]) -> list[Any]:
        """What it gives back, row by row; a row that met a conflict gives nothing."""
        return list(self._with_cursor(tx, rows, _FETCHED[tx.dialect.name]))

    def _with_cursor(self, tx: sa.Connection, rows: Sequence[Row], do: Do) -> Any:
        given = [self._given(row) for row in rows]
        cursor: Any = tx.connection.cursor()
        try:
            return do(cursor, self._text, given)
        except tx.dialect.loaded_dbapi.Error as error:
            quiet.quieted(error)
            raise _as_told(tx, error) from error
        finally:
            cursor.close()

    def _given(self, row: Row) -> Any:
        values = {
            name: process(value) if (process := self._processors.get(name)) else value
            for name, value in (self._constants | dict(row)).items()
        }
        return values if self._order is None else [values[n] for n in self._order]


def _changed(cursor: Any, text: str, given: Sequence[Any]) -> int:
    if len(given) == 1:
        cursor.execute(text, given[0])
    else:
        cursor.executemany(text, given)
    return int(cursor.rowcount)


def _one_by_one(cursor: Any, text: str, given: Sequence[Any]) -> list[Any]:
    """SQLite: no way between us, so nothing is gained by sending them together."""
    return [row for one in given for row in cursor.execute(text, one).fetchall()]


def _in_one_go(cursor: Any, text: str, given: Sequence[Any]) -> list[Any]:
    """psycopg: all on their way before the first answer is back."""
    if len(given) == 1:
        return list(cursor.execute(text, given[0]).fetchall())
    cursor.executemany(text, given, returning=True)
    return [row for one in cursor.results() for row in one.fetchall()]


_FETCHED: Mapping[str, Do] = {"sqlite": _one_by_one, "postgresql": _in_one_go}


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
