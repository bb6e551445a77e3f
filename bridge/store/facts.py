"""What is true of the database as a whole: that it was restored, and from when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bridge.store.drafts import the
from bridge.store.questions import Question
from bridge.store.tables import fact

RESTORED = "restored"
_FACT = Question(sa.select(fact.c.content, fact.c.at).where(fact.c.name == the("name")))


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done between the two, nobody here knows."""

    backup: datetime
    at: datetime


def restored(tx: sa.Connection) -> Restored | None:
    for row in _FACT.ask(tx, list, name=RESTORED).read():
        return Restored(datetime.fromisoformat(row.content["backup"]), row.at)
    return None


def restore(tx: sa.Connection, backup: datetime, at: datetime) -> None:
    """Say so; the last time is the one that counts."""
    tx.execute(sa.delete(fact).where(fact.c.name == RESTORED))
    content = {"backup": backup.isoformat(), "restored": at.isoformat()}
    tx.execute(sa.insert(fact).values(name=RESTORED, content=content, at=at))
