"""A sentence of the rules as a customer reads it: days, sums and limits his way."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from bridge.words import en, render
from bridge.words.limits import limit
from bridge.words.speech import Speech
from provisioning.core.sentences import Sentence

MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")
SUM = re.compile(r"-?\d+(\.\d+)? [A-Z]{3}")
"""As `minute` and `Money` write what stands in a sentence of the rules."""

LIMITS = {
    "capacity_over": {"capacity"},
    "capacity_trimmed": {"capacity"},
    "change_beyond_capacity": {"capacity"},
    "data_locked": {"name"},
    "data_rests": {"name"},
    "data_gone": {"name"},
}
"""The parts that are the name of a limit."""


def told(sentence: Sentence | None, said: Speech, zone: tzinfo) -> str | None:
    """Nothing, where it is meant for staff."""
    meant = sentence is not None and sentence.code in en.SENTENCES
    return plainly(sentence, said, zone) if meant else None


def plainly(sentence: Sentence | None, said: Speech, zone: tzinfo) -> str | None:
    """What is meant for staff, too."""
    if sentence is None:
        return None
    names = LIMITS.get(sentence.code, set())
    parts = (
        (part, limit(said, value) if part in names else _called(value, said, zone))
        for part, value in sentence.parts
    )
    return render(replace(sentence, parts=tuple(parts)), said.language)


def _called(value: str, said: Speech, zone: tzinfo) -> str:
    if MOMENT.fullmatch(value):
        at = datetime.strptime(value, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
        return said.moment(at, zone)
    sums = value.split(" / ")
    if all(map(SUM.fullmatch, sums)):
        each = (one.split() for one in sums)
        return " / ".join(said.money(Decimal(a), c) for a, c in each)
    return value
