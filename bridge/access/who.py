"""Who has something done, and by which road; it stands in the audit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Who:
    name: str
    via: str
    once: str | None = None
    """The asker's own key: what he sends again under it is not done again."""


ITSELF = Who("switchhook", "itself")
