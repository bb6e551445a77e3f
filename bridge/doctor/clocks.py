"""Two clocks beside each other: what is signed is good for five minutes only."""

from __future__ import annotations

from bridge.doctor.finding import Finding, fail, ok, warn
from bridge.platforms.signature import WINDOW

FAR = 30.0
"""Seconds worth a word."""


def apart(about: str, seconds: float) -> Finding:
    said = (
        f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} this machine"
    )
    out = "set the clocks by NTP"
    if abs(seconds) > WINDOW:
        return fail(about, f"{said}: what it signs is refused; {out}")
    if abs(seconds) > FAR:
        return warn(about, f"{said}; {out}")
    return ok(about, "it shows the same time as this machine")
