"""Tables as files for a spreadsheet: nothing in a cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run, where a cell begins with it."""


def sheet(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """With the names in its first line."""
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    out.writerow(names)
    out.writerows([_cell(row[name]) for name in names] for row in rows)
    return written.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text
