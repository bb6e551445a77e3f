"""Who has something done, and by which road; it stands in the audit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Who:
    name: str
    via: str
    once: str | None = None
    """The asker's own key: what he sends again under it is not done again."""

    asked: str | None = None
    """A digest of all he sent with it: what must be the same, whatever we make of it at
    another moment. Without it what we made of it must be."""


ITSELF = Who("switchhook", "itself")
