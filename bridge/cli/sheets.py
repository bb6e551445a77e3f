"""Sheets for programs that reckon: CSV in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet begins to reckon at: a name somebody chose may be a program."""


def sheet(titles: Iterable[str], rows: Iterable[Mapping[str, object]]) -> None:
    """To standard output, as RFC 4180 has it."""
    names = list(titles)
    writer = csv.writer(sys.stdout)
    writer.writerow(names)
    for row in rows:
        writer.writerow([cell(row[name]) for name in names])


def cell(value: object) -> str:
    """A number is a number, also below nought; text is text."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
