"""Pictures of numbers: SVG without a library; the table beside each says the same.

Colours are classes of the style sheet: they follow the light and the dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from markupsafe import Markup

from provisioning.core.splice import Segment

WIDE, HIGH = 640, 180
LEFT, TOP, BOTTOM = 4, 20, 24
BAR_HIGH = 34


@dataclass(frozen=True, slots=True)
class Line:
    """*tone*: its class in the style sheet."""

    name: str
    tone: str
    values: Sequence[Decimal]


def lines(about: str, labels: Sequence[str], these: Sequence[Line]) -> Markup:
    """A line each, from left to right; the first and the last label below them."""
    most = max((v for line in these for v in line.values), default=Decimal(0))
    drawn = Markup("").join(
        Markup('<polyline class="line {}" points="{}" fill="none"/>').format(
            line.tone, _points(line.values, most)
        )
        for line in these
        if line.values
    )
    return _svg(about, HIGH, _ground(most) + drawn + _ends(labels))


def _points(values: Sequence[Decimal], most: Decimal) -> str:
    step = (WIDE - 2 * LEFT) / max(len(values) - 1, 1)
    return " ".join(
        f"{LEFT + no * step:.1f},{_y(value, most):.1f}"
        for no, value in enumerate(values)
    )


def _y(value: Decimal, most: Decimal) -> float:
    room = HIGH - TOP - BOTTOM
    return HIGH - BOTTOM - (float(value / most) * room if most > 0 else 0)


def bars(about: str, labels: Sequence[str], values: Sequence[int]) -> Markup:
    most, width = max(values, default=0), (WIDE - 2 * LEFT) / max(len(values), 1)
    drawn = Markup("").join(
        Markup(
            '<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
            '<text class="label" x="{:.1f}" y="{}" text-anchor="middle">{}</text>'
            '<text class="label" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>'
        ).format(
            LEFT + no * width + 3,
            _y(Decimal(value), Decimal(most)),
            max(width - 6, 1),
            HIGH - BOTTOM - _y(Decimal(value), Decimal(most)),
            LEFT + (no + 0.5) * width,
            HIGH - 6,
            label,
            LEFT + (no + 0.5) * width,
            _y(Decimal(value), Decimal(most)) - 4,
            value or "",
        )
        for no, (label, value) in enumerate(zip(labels, values, strict=True))
    )
    return _svg(about, HIGH, drawn)


def steps(about: str, points: Sequence[tuple[datetime, Decimal]]) -> Markup:
    """What stands until something moves it: level, then up or down."""
    most = max((amount for _, amount in points), default=Decimal(0))
    starts, ends = points[0][0], points[-1][0]
    span = max((ends - starts).total_seconds(), 1.0)
    path: list[str] = []
    for at, amount in points:
        x = LEFT + (at - starts).total_seconds() / span * (WIDE - 2 * LEFT)
        y = _y(max(amount, Decimal(0)), most)
        path.append(f"H{x:.1f}V{y:.1f}" if path else f"M{x:.1f},{y:.1f}")
    drawn = Markup('<path class="line paid" d="{}" fill="none"/>').format("".join(path))
    labels = [f"{starts:%Y-%m-%d}", f"{ends:%Y-%m-%d}"]
    return _svg(about, HIGH, _ground(most) + drawn + _ends(labels))


def film(about: str, parts: Sequence[Segment], at: datetime) -> Markup:
    """The time of a service as a bar: each part as long as it lasts; a mark for now."""
    starts = parts[0].starts
    ends = parts[-1].ends or max(at, parts[-1].starts) + (parts[-1].starts - starts)
    span = max((ends - starts).total_seconds(), 1.0)

    def x(then: datetime) -> float:
        part = (then - starts).total_seconds() / span
        return LEFT + min(max(part, 0.0), 1.0) * (WIDE - 2 * LEFT)

    drawn = Markup("").join(
        Markup(
            '<rect class="part {}" x="{:.1f}" y="4" width="{:.1f}" height="{}">'
            "<title>{}</title></rect>"
        ).format(
            f"of-{part.why.value}",
            x(part.starts),
            max(x(part.ends or ends) - x(part.starts), 1.0),
            BAR_HIGH - 14,
            f"{part.why.value}: {part.package}",
        )
        for part in parts
    )
    here = (
        Markup('<line class="here" x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1}"/>').format(
            x(at), BAR_HIGH - 6
        )
        if starts <= at <= ends
        else Markup("")
    )
    return _svg(about, BAR_HIGH, drawn + here)


def _svg(about: str, high: int, drawn: Markup) -> Markup:
    return Markup(
        '<svg class="chart" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>'
    ).format(about, WIDE, high, drawn)


def _ground(most: Decimal) -> Markup:
    """The line of nought, and how much the top is."""
    y = HIGH - BOTTOM
    return Markup(
        '<line class="axis" x1="0" x2="{0}" y1="{1}" y2="{1}"/>'
        '<line class="axis" x1="0" x2="{0}" y1="{2}" y2="{2}"/>'
        '<text class="label" x="{3}" y="{4}">{5}</text>'
    ).format(WIDE, y, TOP, LEFT, TOP - 5, f"{most.normalize():f}" if most else "0")


def _ends(labels: Sequence[str]) -> Markup:
    if not labels:
        return Markup("")
    return Markup(
        '<text class="label" x="{}" y="{}">{}</text>'
        '<text class="label" x="{}" y="{}" text-anchor="end">{}</text>'
    ).format(LEFT, HIGH - 6, labels[0], WIDE - LEFT, HIGH - 6, labels[-1])
