"""Somebody is told: what began, what still lasts, what is over, in one message."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.store import alarms, outbox
from bridge.store.alarms import Alert
from bridge.store.causes import CAUSES
from bridge.store.causes.found import Limits
from bridge.store.database import Database
from bridge.words import render
from provisioning.core.sentences import Sentence

log = logging.getLogger(__name__)

LISTED = 50
"""Lines of one message; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """One message each: what one of them does not take, the others still get."""

    channel: str
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    database: Database
    limits: Limits
    addressees: Sequence[Addressee] = ()

    def run(self, at: datetime) -> None:
        """Look for every cause; keep and tell what changed, in one transaction."""
        with self.database.read() as tx:
            found = {topic: look(tx, at, self.limits) for topic, look in CAUSES.items()}
            if not any(found.values()) and not alarms.lasting(tx):
                return
        with self.database.change() as tx:
            news = self._settled(tx, found, at)
        for line in news.log:
            log.warning("%s", line)

    def _settled(
        self,
        tx: sa.Connection,
        found: Mapping[str, Mapping[str, Sentence]],
        at: datetime,
    ) -> Message:
        for topic, causes in found.items():
            alarms.settle(tx, topic, causes, at)
        news = Message.of(alarms.untold(tx, at))
        if news.alerts:
            for addressee in self.addressees:
                key = f"alert:{news.digest}:{_short(addressee)}"
                content = news.content(addressee.to, at)
                outbox.enqueue(tx, key, addressee.channel, content, at)
            alarms.told(tx, list(news.alerts), at)
        return news


@dataclass(frozen=True, slots=True)
class Message:
    """All there is to tell at one moment."""

    began: tuple[Alert, ...]
    lasts: tuple[Alert, ...]
    over: tuple[Alert, ...]

    @classmethod
    def of(cls, alerts: Sequence[Alert]) -> Message:
        return cls(
            began=tuple(a for a in alerts if not a.told_at),
            lasts=tuple(a for a in alerts if a.told_at and not a.ended_at),
            over=tuple(a for a in alerts if a.told_at and a.ended_at),
        )

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return self.began + self.lasts + self.over

    @property
    def digest(self) -> str:
        """The same where the same is told: two processes at once tell it once."""
        told = (f"{a.id} {a.told_at} {a.ended_at}" for a in self.alerts)
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]

    @property
    def parts(self) -> tuple[tuple[str, tuple[Alert, ...]], ...]:
        parts = ("new", self.began), ("still", self.lasts), ("recovered", self.over)
        return tuple((name, alerts) for name, alerts in parts if alerts)

    @property
    def log(self) -> list[str]:
        """What began, once, and how much more there is."""
        lines = [f"alert {_line(alert)}" for alert in self.began[:LISTED]]
        return lines + _more(len(self.began) - LISTED)

    def content(self, to: str | None, at: datetime) -> dict[str, Any]:
        """As a mail has it, and for programs."""
        return {
            "to": to,
            "subject": self._subject(),
            "text": "\n".join(self._lines()),
            "type": "alerts",
            "timestamp": at.isoformat(),
            "data": {
                name: {
                    "count": len(alerts),
                    "alerts": [_shown(alert) for alert in alerts[:LISTED]],
                }
                for name, alerts in self.parts
            },
        }

    def _subject(self) -> str:
        counted = ", ".join(f"{len(alerts)} {name}" for name, alerts in self.parts)
        topics = sorted({alert.topic.replace("_", " ") for alert in self.alerts})
        return f"Switchhook: {counted} ({', '.join(topics)})"

    def _lines(self) -> list[str]:
        lines: list[str] = []
        for name, alerts in self.parts:
            lines += [f"{name.capitalize()}:", ""]
            lines += [f"- {_line(alert)}" for alert in alerts[:LISTED]]
            lines += [*_more(len(alerts) - LISTED), ""]
        return [*lines, "`switchhook alert list` shows all that lasts."]


def _more(count: int) -> list[str]:
    return [f"and {count} more: `switchhook alert list`"] if count > 0 else []


def _line(alert: Alert) -> str:
    # In one line, whatever somebody wrote into a name or a reason.
    words = " ".join((render(alert.why) or "").split())
    return f"{alert.topic}: {words}"


def _shown(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "topic": alert.topic,
        "about": alert.about,
        "why": render(alert.why),
        "began_at": alert.began_at.isoformat(),
        "ended_at": alert.ended_at.isoformat() if alert.ended_at else None,
    }


def _short(addressee: Addressee) -> str:
    whole = f"{addressee.channel} {addressee.to or ''}"
    return hashlib.sha256(whole.encode()).hexdigest()[:16]
