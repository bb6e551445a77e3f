"""Ours and theirs, turn by turn: what the machine does meanwhile happens to both."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

PAIRS = 7


def interleaved(
    ours: Callable[[], float], theirs: Callable[[], float], pairs: int = PAIRS
) -> dict[str, Any]:
    """Medians of both, and of their ratio with its 10 to 90 % range."""
    mine, other = [], []
    for no in range(pairs):
        # Now one first, now the other: the first of two may find the machine cooler.
        if no % 2:
            other.append(theirs())
            mine.append(ours())
        else:
            mine.append(ours())
            other.append(theirs())
    ratios = [a / b for a, b in zip(mine, other, strict=True)]
    return {
        "ours": round(statistics.median(mine), 1),
        "theirs": round(statistics.median(other), 1),
        **spread(ratios),
    }


def spread(ratios: list[float]) -> dict[str, float]:
    tenths = statistics.quantiles(ratios, n=10, method="inclusive")
    return {
        "ratio": round(statistics.median(ratios), 3),
        "ratio_p10": round(tenths[0], 3),
        "ratio_p90": round(tenths[-1], 3),
    }


def p99(times: list[float]) -> float:
    """In milliseconds."""
    return round(sorted(times)[int(len(times) * 0.99)] * 1000, 2)
