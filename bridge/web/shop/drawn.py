"""Pictures on a shop's pages: SVG by attributes alone; the table beside says the same.

What is wide or high stands in attributes, colours are classes: they follow the brand,
the light and the dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from markupsafe import Markup

from bridge.web.shop import called
from provisioning.core.period import CYCLES, months_after
from provisioning.core.splice import Film, Segment

WIDE, HIGH, BAR = 640, 140, 28
WIDEST = 64
"""A bar alone is no wall."""

THINNEST = 2
"""Three hours of a year can be seen, too."""

OPEN = timedelta(days=30)
"""How much of what has no end is drawn."""


def bars(about: str, values: Sequence[Decimal]) -> Markup:
    """One each, on a line; the highest is as high as the picture."""
    most = max(values, default=Decimal(0))
    room = WIDE / max(len(values), 1)
    wide = min(max(room - 2, 1), WIDEST)
    drawn = Markup("").join(
        Markup(
            '<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
        ).format((no + 0.5) * room - wide / 2, HIGH - high, wide, high)
        for no, value in enumerate(values)
        if (high := float(max(value, Decimal(0)) / most) * HIGH if most > 0 else 0)
    )
    ground = Markup('<line class="axis" x1="0" x2="{0}" y1="{1}" y2="{1}"/>')
    return _svg(about, HIGH, ground.format(WIDE, HIGH) + drawn)


def film(about: str, film: Film, at: datetime, ends: datetime) -> Markup:
    """The time of a service from then to *ends*: of two pictures the same."""
    span = max((ends - at).total_seconds(), 1.0)

    def x(then: datetime) -> float:
        return min(max((then - at).total_seconds() / span, 0.0), 1.0) * WIDE

    drawn = Markup("").join(
        Markup(
            '<rect class="part of-{}" x="{:.1f}" y="0" width="{:.1f}" height="{}"/>'
        ).format(
            called.kind(part),
            x(part.starts),
            max(x(until(part) or ends) - x(part.starts), THINNEST),
            BAR,
        )
        for part in film
    )
    return _svg(about, BAR, drawn)


def last(films: Sequence[Film], at: datetime) -> datetime:
    """Where a picture of all of them ends."""
    edges = [
        edge for film in films for s in film for edge in (s.starts, until(s)) if edge
    ]
    open_ = any(until(s) is None for film in films for s in film)
    return max([at, *edges]) + (OPEN if open_ else timedelta(0))


def until(part: Segment) -> datetime | None:
    """Where it is drawn to: what is to be paid yet, for one period of its cycle."""
    months = CYCLES[part.base.sold.cycle]
    if part.ends or months is None or called.kind(part) != called.COMING:
        return part.ends
    return months_after(part.starts, months)


def _svg(about: str, high: int, drawn: Markup) -> Markup:
    return Markup(
        '<svg class="chart" role="img" aria-label="{}" viewBox="0 0 {} {}"'
        ' preserveAspectRatio="none">{}</svg>'
    ).format(about, WIDE, high, drawn)
