"""Every request in order, and what came of it: the proof of "sent exactly once"."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioning.simulator.faults import Effect

EXCERPT = 200
MASK = "***"


@dataclass(frozen=True, slots=True)
class Entry:
    """`effect` is what has landed so far: a late one reads none until it does."""

    n: int
    at: float
    method: str
    arguments: Mapping[str, str]
    fault: str | None = None
    effect: Effect = Effect.NONE
    answer: str = ""


class Journal:
    """Append-only; an entry learns its outcome later. Passwords never get in."""

    def __init__(self, password: str) -> None:
        self._secret = frozenset({"password", "api_password", password})
        self._entries: list[Entry] = []

    def add(self, at: float, method: str, arguments: Mapping[str, str]) -> int:
        masked = {name: self._masked(name, told) for name, told in arguments.items()}
        self._entries.append(Entry(len(self._entries) + 1, at, method, masked))
        return len(self._entries)

    def note(self, n: int, **outcome: Any) -> None:
        self._entries[n - 1] = replace(self._entries[n - 1], **outcome)

    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def _masked(self, name: str, told: str) -> str:
        if name in self._secret:
            return MASK
        try:
            blind = json.loads(told, object_hook=self._blinded)
            return told if blind == json.loads(told) else json.dumps(blind)
        except (ValueError, RecursionError):
            # Not JSON; if it names a password it may well hold one.
            return MASK if any(word in told for word in self._secret) else told

    def _blinded(self, told: dict[str, object]) -> dict[str, object]:
        return {k: MASK if k in self._secret else v for k, v in told.items()}
