"""What a probe found out about each backend: kept until the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.tables import fact

PROBED = "probed "
"""So begins the name of the fact; the backend's follows."""


class Word(StrEnum):
    VERIFIED = "verified"
    REFUTED = "refuted"
    UNVERIFIED = "unverified"
    """Nothing speaks against it, and nothing proved it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one thing: what was sent, what was read back, and what that means."""

    what: str
    word: Word
    sent: str | None = None
    seen: str | None = None
    said: str | None = None
    wire: str | None = None
    """A digest of the settings it was found under: under others it proves nothing."""


@dataclass(frozen=True, slots=True)
class Probed:
    at: datetime
    verdicts: Mapping[str, Verdict]


def standing(probed: Probed | None, what: str, wire: str) -> Verdict:
    """What is known of it under the settings it stands on now."""
    found = probed.verdicts.get(what) if probed else None
    if found is None or found.wire != wire:
        return Verdict(what, Word.UNVERIFIED)
    return found


def keep(
    tx: sa.Connection, backend: str, found: Iterable[Verdict], at: datetime
) -> None:
    """All of one probe, in the place of the one before."""
    values = {"content": {"verdicts": [asdict(one) for one in found]}, "at": at}
    new = insert(tx, fact).values(name=PROBED + backend, **values)
    tx.execute(new.on_conflict_do_update(index_elements=["name"], set_=values))


def latest(tx: sa.Connection) -> dict[str, Probed]:
    """By backend, of those that were ever probed."""
    rows = tx.execute(sa.select(fact).where(fact.c.name.startswith(PROBED)))
    return {
        row.name.removeprefix(PROBED): Probed(row.at, _read(row.content))
        for row in rows
    }


def read(told: Mapping[str, Any]) -> Verdict:
    return Verdict(**{**told, "word": Word(told["word"])})


def _read(content: Mapping[str, Any]) -> dict[str, Verdict]:
    return {each["what"]: read(each) for each in content["verdicts"]}
