"""What every table is declared with."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def where(condition: str) -> dict[str, Any]:
    """A partial index, said once for every database."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def begins(column: str) -> dict[str, Any]:
    """An index by which what begins so is found, whatever language it sorts by."""
    return {"postgresql_ops": {column: "text_pattern_ops"}}
