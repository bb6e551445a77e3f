"""Named points between two steps of the walk. The crash tests pull the plug at them."""

from __future__ import annotations

from collections.abc import Callable

NAMES = (
    "received",
    "committed",
    "claimed",
    "planned",
    "intent noted",
    "before send",
    "after send",
    "outcome noted",
    "final state",
)


def _nothing(_name: str) -> None:
    return


passed: Callable[[str], None] = _nothing
"""Called with the name of each boundary as it is passed; tests put theirs here."""
