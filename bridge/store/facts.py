"""What is true of this database as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.tables import fact

RESTORED = "restored"
"""It came from a backup: of which moment, and when."""


def keep(tx: sa.Connection, name: str, content: dict[str, Any], at: datetime) -> None:
    values = {"content": content, "at": at}
    new = insert(tx, fact).values(name=name, **values)
    tx.execute(new.on_conflict_do_update(index_elements=["name"], set_=values))


def known(tx: sa.Connection, name: str) -> dict[str, Any] | None:
    content: dict[str, Any] | None = tx.execute(
        sa.select(fact.c.content).where(fact.c.name == name)
    ).scalar()
    return content
