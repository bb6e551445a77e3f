"""What could not be looked at: counted by what it is, with the first reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.store.drifts import Unseen


@dataclass(slots=True)
class Blind:
    _first: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def to(self, what: str, why: str, count: int = 1) -> None:
        self._first.setdefault(what, why)
        self._counts[what] = self._counts.get(what, 0) + count

    @property
    def unseen(self) -> tuple[Unseen, ...]:
        known = self._counts.items()
        return tuple(Unseen(what, n, self._first[what]) for what, n in known)
