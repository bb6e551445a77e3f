"""Bounds a subscriber sets: told once when one is crossed, and again after it was not.

S2: falls below, told; rises above; falls again: told again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from provisioning.core.money import text
from provisioning.core.sentences import Sentence, say
from provisioning.core.usage import Used


class Measure(StrEnum):
    BALANCE = "balance"
    """Crossed when it falls below; all others, when they rise above."""

    CALLS = "calls"
    MINUTES = "minutes"
    MESSAGES = "messages"
    SPENT = "spent"


class Per(StrEnum):
    """Over which time usage is counted; a balance is as it is."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Threshold:
    measure: Measure
    level: Decimal
    per: Per | None = None
    crossed: bool = False
    times: int = 0
    """How often it was crossed."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What an account shows now, as far as it shows anything."""

    balance: Decimal | None = None
    highest: Decimal | None = None
    """The most it is known to have had since the last look."""

    used: Mapping[Per, Used] = field(default_factory=dict)
    spent: Mapping[Per, Decimal] = field(default_factory=dict)


def looked(bound: Threshold, seen: Looked) -> Threshold:
    """As it stands after that look; unchanged, where it shows nothing of it."""
    value = value_of(bound, seen)
    if value is None:
        return bound
    was = bound.crossed and not _was_back(bound, seen)
    now = is_beyond(bound, value)
    return replace(bound, crossed=now, times=bound.times + (now and not was))


def is_beyond(bound: Threshold, value: Decimal) -> bool:
    if bound.measure is Measure.BALANCE:
        return value < bound.level
    return value > bound.level


def value_of(bound: Threshold, seen: Looked) -> Decimal | None:
    if bound.measure is Measure.BALANCE:
        return seen.balance
    per = bound.per or Per.DAY
    if bound.measure is Measure.SPENT:
        return seen.spent.get(per)
    used = seen.used.get(per)
    return None if used is None else _counted(used)[bound.measure]


def _counted(used: Used) -> Mapping[Measure, Decimal]:
    return {
        Measure.CALLS: Decimal(used.calls),
        Measure.MINUTES: used.minutes,
        Measure.MESSAGES: Decimal(used.messages),
    }


def sentence(bound: Threshold, value: Decimal, currency: str) -> Sentence:
    """What the subscriber is told."""
    if bound.measure in {Measure.BALANCE, Measure.SPENT}:
        value_, level = (f"{text(each)} {currency}" for each in (value, bound.level))
    else:
        value_, level = f"{value:.0f}", f"{bound.level:f}"
    per = bound.per or Per.DAY
    match bound.measure:
        case Measure.BALANCE:
            return say("balance_below", value=value_, level=level)
        case Measure.CALLS:
            return say("calls_above", value=value_, level=level, per=per)
        case Measure.MINUTES:
            return say("minutes_above", value=value_, level=level, per=per)
        case Measure.MESSAGES:
            return say("messages_above", value=value_, level=level, per=per)
        case _:
            return say("spent_above", value=value_, level=level, per=per)


def _was_back(bound: Threshold, seen: Looked) -> bool:
    """It rose above between two looks, which both saw it below."""
    if bound.measure is not Measure.BALANCE or seen.highest is None:
        return False
    return not is_beyond(bound, seen.highest)
