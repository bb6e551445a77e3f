"""What begins with what somebody typed, found by an index on both databases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

LAST = "\U0010ffff"
"""Behind every letter there is."""


def begins(
    tx: sa.Connection, column: sa.ColumnElement[Any], with_: str
) -> sa.ColumnElement[bool]:
    """Letter by letter, as `meta.begins` indexes it; no letter stands for others."""
    if tx.dialect.name == "postgresql":
        return sa.and_(column.op("~>=~")(with_), column.op("~<~")(with_ + LAST))
    return sa.and_(column >= with_, column < with_ + LAST)
