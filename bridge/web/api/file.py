"""An answer that is a file, and not an object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Csv:
    name: str
    text: str
    following: str | None = None
    """Where the rest begins; None at the end."""
