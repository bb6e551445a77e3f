"""How far a list is, how fast, and how long it still takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store import batches
from bridge.store.batches import Batch, Kind, Line, State
from bridge.store.confirmations import State as Confirmed

OPEN = ("unsure", "under way")


@dataclass(frozen=True, slots=True)
class Progress:
    """*of* is not known, where nobody could count it before."""

    done: int
    of: int | None
    began_at: datetime
    at: datetime

    @property
    def rate(self) -> float:
        """How many a second."""
        passed = (self.at - self.began_at).total_seconds()
        return self.done / passed if passed > 0 else 0.0

    @property
    def left(self) -> timedelta | None:
        """As long as it takes, if it goes on so; None, where nobody can say."""
        if self.of is None or not self.rate:
            return None
        return timedelta(seconds=max(self.of - self.done, 0) / self.rate)


@dataclass(frozen=True, slots=True)
class Course:
    """A list as a page shows it."""

    batch: Batch
    lines: Mapping[str, int]
    look: Progress
    work: Progress | None
    """Since it was confirmed."""

    became: Mapping[str, int]
    """How many of those confirmed are done, refused, unsure …"""

    @property
    def moves(self) -> bool:
        """Whether it is another in a moment."""
        going = self.batch.state in {State.LOOKING, State.APPLYING}
        return going or any(self.became.get(name) for name in OPEN)


def course(tx: sa.Connection, batch: Batch, at: datetime) -> Course:
    lines = batches.counted(tx, batch.name)
    looked_until = batch.confirmed_at or batch.stopped_at or at
    look = Progress(batch.looked, batch.total, batch.made_at, looked_until)
    if batch.confirmed_at is None:
        return Course(batch, lines, look, None, {})
    sent = batches.course(tx, batch.name)
    became = _became(batch.kind, lines, sent)
    left = lines.get(Line.SHOWN, 0)
    of = sum(became.values()) + left
    done = of - left - sum(became.get(name, 0) for name in OPEN)
    until = sent.last if done == of and sent.last else at
    work = Progress(done, of, batch.confirmed_at, until)
    return Course(batch, lines, look, work, became)


def _became(
    kind: Kind, lines: Mapping[str, int], sent: batches.Course
) -> dict[str, int]:
    if kind is Kind.ADOPT:
        return {
            "done": lines.get(Line.DONE, 0),
            "adopted already": lines.get(Line.ALREADY, 0),
            "refused": lines.get(Line.WRONG, 0),
        }
    ended, unsure = sent.ended, sent.unsure
    return {
        "done": ended.get(Confirmed.APPLIED, 0),
        "in line already": lines.get(Line.ALREADY, 0),
        "refused": ended.get(Confirmed.REFUSED, 0),
        "changed since shown": ended.get(Confirmed.CHANGED, 0)
        + lines.get(Line.CHANGED, 0),
        "left out": lines.get(Line.LEFT, 0),
        "unsure": unsure,
        "under way": max(ended.get(Confirmed.OPEN, 0) - unsure, 0),
    }
