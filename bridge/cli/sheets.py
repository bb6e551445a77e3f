"""Rows for a spreadsheet, in which nobody's reference is taken for a formula."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal

from provisioning.core.money import text

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet works out instead of showing it."""


def write(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(titles)
    for row in rows:
        out.writerow([cell(value) for value in row])


def cell(value: object) -> str:
    """Sums are ours, and stay numbers; all else may be anybody's words."""
    if isinstance(value, Decimal):
        return text(value)
    said = "" if value is None else str(value)
    return f"'{said}" if said.startswith(FORMULA) else said
