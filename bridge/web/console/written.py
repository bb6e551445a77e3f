"""How moments, amounts and states are written on pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from bridge import words
from provisioning.core.money import text
from provisioning.core.sentences import Sentence

UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def moment(at: datetime | None) -> Markup:
    """With the exact moment behind it, for programs and for who points at it."""
    if at is None:
        return Markup("–")
    exact = at.isoformat(timespec="seconds")
    return Markup('<time datetime="{0}" title="{0}">{1}</time>').format(
        exact, f"{at:%Y-%m-%d %H:%M}"
    )


def lasts(span: timedelta | float | None) -> str:
    """The largest unit that fits, and the next: 3 d 4 h."""
    if span is None:
        return "–"
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    left, parts = max(int(seconds), 0), []
    for unit, size in UNITS:
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2]) or "0 s"


def amount(value: Decimal | None, currency: str = "") -> str:
    return "–" if value is None else f"{text(value)} {currency}".rstrip()


def sentence(said: Sentence | None) -> str:
    return words.render(said) or ""


GOOD = {"done", "settled", "active", "ok", "delivered", "absent", "applied", "sent",
        "verified", "holds"}  # fmt: skip
BAD = {"refused", "parked", "person", "given up", "broken", "failed", "fail", "wrong",
       "refuted", "lasts"}  # fmt: skip
WARN = {"unsure", "working", "intent", "overtaken", "paused", "waiting", "trial",
        "changed", "looking", "applying", "stopped", "unverified", "warn", "changing",
        "invited"}  # fmt: skip


def badge(state: object) -> Markup:
    """A state, with a colour that says no more than the word beside it."""
    word = str(state)
    tone = next((tone for tone, words_ in (("good", GOOD), ("bad", BAD), ("warn", WARN))
                 if word in words_), "plain")  # fmt: skip
    return Markup('<span class="badge {}">{}</span>').format(tone, escape(word))


FILTERS: Mapping[str, Callable[..., Any]] = {
    "moment": moment,
    "lasts": lasts,
    "amount": amount,
    "sentence": sentence,
    "badge": badge,
}
