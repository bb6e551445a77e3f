"""What every billing platform's file offers: proof, then meaning. No I/O, no clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from provisioning.core.events import Event

MOST = 50
"""Problems told at once. A hostile body could otherwise ask for megabytes of them."""

LONGEST_NAME = 40


def channel_of(kind: str, source: str) -> str:
    """How the channel is called by which a platform of that kind hears of us."""
    return f"{kind}:{source}"


class Forged(Exception):
    """Not proven to come from the source."""

    why = "wrong"
    """Its signature, as it is counted."""


class Unsigned(Forged):
    why = "absent"


class Stale(Forged):
    why = "old"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    path: str
    """Where in the JSON: `$.service.ref`."""

    reason: str
    """What is wrong and the way out; never the value itself, it may be a secret."""


class Malformed(Exception):
    """Proven, but not what the contract says. Lists everything that is wrong."""

    def __init__(self, *problems: Problem, status: int = 400) -> None:
        self.problems = problems[:MOST]
        if more := problems[MOST:]:
            self.problems += (Problem("$", f"has {len(more)} more problems"),)
        self.status = status
        super().__init__("; ".join(f"{p.path} {p.reason}" for p in self.problems))


@dataclass(frozen=True, slots=True)
class Delivery:
    id: str
    """The sender's own, the same however often it is sent."""

    events: tuple[Event, ...]
    kept: str
    """The body as JSON text for people, secrets blanked by schema."""


Ring = Callable[[datetime, bool], Sequence[bytes]]
"""The secrets that hold at a moment; True: with those made only just now."""


class Platform(Protocol):
    """One configured source of a kind. ValueError says what its settings lack."""

    own: Sequence[bytes] = ()
    """Its secrets in the configuration, decoded, where others may take their place."""

    ring: Ring
    """Set by whoever knows which were made since; *own*, where nobody does."""

    follows: str | None = None
    """Which kind of channel tells it how each thing it told has ended; None: none."""

    meanwhile: str | None = None
    """What its own function should answer for an order that still works, where the
    operator chose: "error" or "success"."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None: ...

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Delivery:
        """What was told. Raises Forged or Malformed, nothing else."""
        ...

    def proves(self, headers: Mapping[str, str], body: bytes, at: datetime) -> str:
        """The proof alone, for a question without a body. Gives the delivery's id."""
        ...


def header(headers: Mapping[str, str], name: str) -> str:
    """Whatever its case; empty where it is missing or told more than once."""
    told = [value for known, value in headers.items() if known.lower() == name]
    return told[0] if len(told) == 1 else ""


def under(path: str, key: str | int) -> str:
    """The path one step on. An odd name is quoted and cut: it may be hostile."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    if key.isascii() and key.isidentifier() and len(key) <= LONGEST_NAME:
        return f"{path}.{key}"
    return f"{path}[{json.dumps(key[:LONGEST_NAME])}]"
