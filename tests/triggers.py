"""A database that refuses a write at the moment a test chooses, in its own words."""

from __future__ import annotations

import sqlalchemy as sa

SQLITE = """
CREATE TRIGGER {name} BEFORE INSERT ON {table} {when}
BEGIN SELECT RAISE(ABORT, '{name}'); END
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS
$$ BEGIN RAISE EXCEPTION '{name}'; END $$ LANGUAGE plpgsql
"""
POSTGRESQL = """
CREATE TRIGGER {name} BEFORE INSERT ON {table}
FOR EACH ROW {when} EXECUTE FUNCTION {name}()
"""
STATEMENTS = {"sqlite": (SQLITE,), "postgresql": (FUNCTION, POSTGRESQL)}


def refuse(tx: sa.Connection, name: str, table: str, when: str = "") -> None:
    """From now on no row enters this table, or none for which *when* is true."""
    condition = f"WHEN ({when})" if when else ""
    for statement in STATEMENTS[tx.dialect.name]:
        told = statement.format(name=name, table=table, when=condition)
        tx.execute(sa.text(told))


def drop(tx: sa.Connection, name: str, table: str) -> None:
    """SQLite knows a trigger by its name, PostgreSQL by its table too."""
    on = f" ON {table}" if tx.dialect.name == "postgresql" else ""
    tx.execute(sa.text(f"DROP TRIGGER {name}{on}"))
