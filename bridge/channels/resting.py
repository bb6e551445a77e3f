"""A channel that is let alone for a while once it did not answer.

Thousands may wait for one that is away, and others' mails behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.channels.webhook import Webhook
from bridge.store.outbox import Delivery
from provisioning.core.outcomes import Later, Unsure

REST = timedelta(seconds=30)


@dataclass(slots=True)
class Resting:
    channel: Webhook
    _rests: tuple[datetime, str] | None = field(default=None, init=False)
    """Until when, and why."""

    @property
    def within(self) -> float:
        return self.channel.within

    def send(self, delivery: Delivery, at: datetime) -> None:
        if self._rests and at < self._rests[0]:
            raise Later(self._rests[1], after=REST)
        try:
            self.channel.send(delivery, at)
        except (Later, Unsure) as away:
            self._rests = at + REST, str(away)
            raise
