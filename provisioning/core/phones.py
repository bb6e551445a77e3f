"""A telephone number as it is found again: by its last digits, however it is written.

+84 90 123 4567, 0084 90-123-4567 and 090 123 4567 are one customer's. Of his number no
more is kept than that takes.
"""

from __future__ import annotations

import re

KEPT = 8
"""Digits that are the same with and without a country's prefix."""

LEAST, MOST = 6, 17
"""Digits of a number: the longest is 15, with 00 before it."""

WRITTEN = re.compile(r"\+?[0-9 ().\-/]+")


def ends(written: str) -> str | None:
    """Its last digits; None, where that is no number of a telephone."""
    text = written.strip()
    digits = re.sub(r"[^0-9]", "", text)
    if not WRITTEN.fullmatch(text) or not LEAST <= len(digits) <= MOST:
        return None
    return digits[-KEPT:]
