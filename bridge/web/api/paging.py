"""Lists a page at a time: by the id of the last row, so that none is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from bridge.web.access.steps import Stopped
from bridge.web.asked import Asked

LARGEST = 2**63 - 1
NUMBER = re.compile(r"[0-9]{1,19}")


def page(
    asked: Asked,
    rows: Callable[[str | None, int], Sequence[Any]],
    at: Callable[[Any], object],
    shown: Callable[[Any], Any] = lambda row: row,
) -> dict[str, Any]:
    """*rows* gives so many behind a cursor; *at* is the cursor of a row.

    One more is asked for than is shown: whether there is one tells if it goes on.
    """
    most, cursor = asked.told["limit"], asked.told.get("cursor")
    found = rows(cursor, most + 1)
    more = len(found) > most
    return {
        "items": [shown(row) for row in found[:most]],
        "next": str(at(found[most - 1])) if more else None,
    }


def number(cursor: str | None) -> int | None:
    """Of a list that goes by numbers."""
    if cursor is None:
        return None
    found = named(cursor)
    if found is None:
        faults = {"cursor": "is none that this list gave"}
        raise Stopped(422, "invalid", "The cursor is of another list.", faults=faults)
    return found


def named(written: str) -> int | None:
    """The number that is written there, as we write numbers; None, where none is."""
    if not NUMBER.fullmatch(written) or int(written) > LARGEST:
        return None
    return int(written)
