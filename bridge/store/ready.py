"""A statement as the driver takes it: compiled once, run without ceremony.

SQLAlchemy writes it and knows its types; running it past SQLAlchemy's result machinery
saves two thirds of the time a small write takes (measured: 75 → 20 µs on SQLite).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

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

    def run(self, tx: sa.Connection, rows: Sequence[Row], *, returns: bool) -> Any:
        """How many rows it changed; or each row's new id, where it *returns* them.

        Raises what SQLAlchemy would raise.
        """
        given = [self._given(row) for row in rows]
        cursor: Any = tx.connection.cursor()
        try:
            return self._run(cursor, given, returns=returns)
        except tx.dialect.loaded_dbapi.Error as error:
            raise _as_told(tx, error) from error
        finally:
            cursor.close()

    def _run(self, cursor: Any, given: Sequence[Any], *, returns: bool) -> Any:
        if returns:
            return [self._made(cursor, one) for one in given]
        if len(given) == 1:
            cursor.execute(self._text, given[0])
        else:
            cursor.executemany(self._text, given)
        return cursor.rowcount

    def _made(self, cursor: Any, one: Any) -> int:
        cursor.execute(self._text, one)
        made: int = cursor.fetchone()[0]
        return made

    def _given(self, row: Row) -> Any:
        values = {
            name: process(value) if (process := self._processors.get(name)) else value
            for name, value in (self._constants | dict(row)).items()
        }
        return values if self._order is None else [values[n] for n in self._order]


def _as_told(tx: sa.Connection, error: BaseException) -> sa.exc.DBAPIError:
    """The error SQLAlchemy makes of it; a dead connection is not used again."""
    gone = tx.dialect.is_disconnect(error, tx.connection, None)
    if gone:
        tx.invalidate(error)
    told = sa.exc.DBAPIError.instance(
        None,
        None,
        error,  # type: ignore[arg-type]
        tx.dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=gone,
        dialect=tx.dialect,
    )
    assert isinstance(told, sa.exc.DBAPIError)  # noqa: S101 - it wraps a driver's error
    return told
