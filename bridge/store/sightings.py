"""The balance an account was first seen with, where no write of ours has proven one.

As after an adoption, or after a person has said that it is as it should be: from then
on it is known what was there, and a rise or a fall can be told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.questions import Answer, Question, among
from bridge.store.tables import sighting

KNOWN = Question(sa.select(sighting).where(among(sighting.c.account, "ids")))


@dataclass(frozen=True, slots=True)
class Sighting:
    account: str
    balance: Decimal
    at: datetime


def known(
    tx: sa.Connection, ids: Collection[str]
) -> Answer[dict[str, tuple[Decimal, datetime]]]:
    return KNOWN.ask(tx, _read, ids=ids)


def _read(rows: Iterable[Any]) -> dict[str, tuple[Decimal, datetime]]:
    return {row.account: (row.balance, row.at) for row in rows}


def note(tx: sa.Connection, these: Sequence[Sighting]) -> None:
    """In place of one that nobody believes any more."""
    if not these:
        return
    new = insert(tx, sighting)
    columns = {name: new.excluded[name] for name in ("balance", "at")}
    tx.execute(
        new.on_conflict_do_update(index_elements=["account"], set_=columns),
        [
            {"account": one.account, "balance": one.balance, "at": one.at}
            for one in these
        ],
    )
