"""What everybody who works on accounts has before him, and at which pace he works."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bridge.clock import Clock
from bridge.gates import Gates
from bridge.keys import Keys
from bridge.mails import Mails
from bridge.store.committer import Committer
from bridge.store.database import Database
from bridge.store.drafts import Draft

Drafts = Committer[Draft, list[int]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things may take."""

    lease: timedelta = timedelta(seconds=30)
    margin: timedelta = timedelta(seconds=5)
    """What must be left of a lease, beyond the longest call, when a call starts."""

    retry: tuple[timedelta, ...] = tuple(
        timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600)
    )
    give_up: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Desk:
    database: Database
    drafts: Drafts
    gates: Gates
    clock: Clock
    pace: Pace
    keys: Keys
    mails: Mails = field(default_factory=Mails)
