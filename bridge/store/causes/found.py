"""What each cause is given, and what it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store.tables import account
from provisioning.core.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on it is worth an alert."""

    backlog: timedelta = timedelta(seconds=60)
    held: timedelta = timedelta(hours=24)
    ticks: Mapping[str, timedelta] = field(default_factory=dict)
    """How often each tick should run."""

    since: datetime | None = None
    """Since when somebody runs them; before, none was missing."""

    stops: int = 3
    """How often campaigns may be stopped and run all the same."""

    give_up: timedelta = timedelta(hours=24)

    keys: Mapping[str, datetime] = field(default_factory=dict)
    """When each backend will take our key no longer, where that is known."""

    unproven: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By backend: what is sold there stands on, and under which settings."""


Found = Mapping[str, Sentence]
"""What it is about, and why."""

OBSERVED = sa.select(account.c.id).where(sa.text("account.observed_at IS NOT NULL"))
"""What waits on these is one alert of its own."""
