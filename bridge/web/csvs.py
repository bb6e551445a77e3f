"""Tables to keep, as CSV that a spreadsheet opens and never runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula, where a cell begins so."""


def written(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(titles)
    table.writerows([cell(value) for value in row] for row in rows)
    return file.getvalue()


def cell(value: object) -> str:
    """As it is; only with a mark before it, where it would be run."""
    said = "" if value is None else str(value)
    return f"'{said}" if said.startswith(RUNS) else said
