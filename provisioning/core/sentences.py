"""What the rules have to say: a code and its parts. `bridge/words` has the words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sentence:
    code: str
    parts: tuple[tuple[str, str], ...] = ()


def say(code: str, **parts: object) -> Sentence:
    return Sentence(code, tuple((name, str(value)) for name, value in parts.items()))


def minute(at: datetime | None) -> str:
    """A moment as people read it."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
