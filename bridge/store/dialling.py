"""Accounts that are off and still dial: what ran when last looked, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.store.drafts import Rank, Writes, inserting, put, statement, the
from bridge.store.questions import Question
from bridge.store.tables import dialling


@dataclass(frozen=True, slots=True)
class Dialling:
    account: str
    since: datetime
    tries: int
    """How often it was tried to stop them."""

    campaigns: str
    """Which ran after the last try; none are named where nobody could see."""

    said: str | None = None


_NOTED = tuple(Dialling.__slots__)
KEEP = inserting(
    Rank.MARK,
    dialling,
    lambda new: new.values({name: the(name) for name in _NOTED}).on_conflict_do_update(
        index_elements=["account"],
        set_={name: new.excluded[name] for name in _NOTED if name != "account"},
    ),
)
FORGET = statement(
    Rank.MARK, sa.delete(dialling).where(dialling.c.account == the("account"))
)
KNOWN = Question(sa.select(dialling).where(dialling.c.account == the("account")))


def keep(tx: Writes, now: Dialling) -> None:
    put(tx, KEEP, **{name: getattr(now, name) for name in _NOTED})


def forget(tx: Writes, account: str) -> None:
    """It is on again, or none of its campaigns runs."""
    put(tx, FORGET, account=account)


def known(tx: sa.Connection, account: str) -> Dialling | None:
    return KNOWN.ask(tx, _first, account=account).read()


def _first(rows: Sequence[Any]) -> Dialling | None:
    return next((Dialling(*(getattr(r, n) for n in _NOTED)) for r in rows), None)
