"""A database's error without the values it was given: those are somebody's.

PostgreSQL quotes them ("Key (email)=(…) already exists"), past `hide_parameters`.
SQLite names columns only.
"""

from __future__ import annotations

import psycopg
import sqlalchemy as sa

NAMED = ("schema_name", "table_name", "column_name", "constraint_name")
OUTWARD = (psycopg.OperationalError, psycopg.InterfaceError)
"""About the connection or the server; no row is quoted there."""

OF_A_STATEMENT = ("42", "P0")
"""Classes whose first line is about the statement's text, or was raised by ours."""


def quieted(error: BaseException | None) -> None:
    """From now on it says what kind it is and where, and is else the same error."""
    if isinstance(error, psycopg.Error) and not isinstance(error, OUTWARD):
        error.args = (_without_values(error),)


def listen(engine: sa.Engine) -> None:
    sa.event.listen(engine, "handle_error", _on_error)


def _on_error(context: sa.engine.ExceptionContext) -> None:
    driver, told = context.original_exception, context.sqlalchemy_exception
    if not isinstance(driver, psycopg.Error):
        return
    quieted(driver)
    if told is not None:
        kind = type(driver)
        told.args = (f"({kind.__module__}.{kind.__qualname__}) {driver}",)


def _without_values(error: psycopg.Error) -> str:
    if error.sqlstate is None:
        return type(error).__name__
    primary = error.diag.message_primary
    if primary and error.sqlstate.startswith(OF_A_STATEMENT):
        return primary
    named = (getattr(error.diag, name) for name in NAMED)
    return " ".join([f"sqlstate {error.sqlstate}", *(n for n in named if n)])
