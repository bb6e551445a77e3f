"""Every sentence people read. The rules give a code and its parts; here are words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bridge.words import en
from provisioning.core.sentences import Sentence


class Language(Protocol):
    """What every language has words for."""

    LOGIN_MAIL: dict[str, str]
    THRESHOLD_MAIL: dict[str, str]
    REVEAL: dict[str, str]
    DAY: str
    MONTHS: tuple[str, ...]
    LASTING: dict[int, tuple[str, str]]


LANGUAGES: Mapping[str, Language] = {"en": en}
FIRST = "en"


def render(sentence: Sentence | None) -> str | None:
    """The sentence in words, or None where there is nothing to say."""
    if sentence is None:
        return None
    return en.SENTENCES[sentence.code].format(**dict(sentence.parts))


def login_mail(language: str = FIRST) -> Mapping[str, str]:
    return LANGUAGES[language].LOGIN_MAIL


def threshold_mail(language: str = FIRST) -> Mapping[str, str]:
    return LANGUAGES[language].THRESHOLD_MAIL


def reveal(language: str = FIRST) -> Mapping[str, str]:
    """What stands on the page a login mail's link leads to."""
    return LANGUAGES[language].REVEAL


def lasting(time: timedelta, language: str = FIRST) -> str:
    """A length of time as people say it: "1 day 12 hours"."""
    left, said = int(time.total_seconds()), []
    for unit, names in LANGUAGES[language].LASTING.items():
        many, left = divmod(left, unit)
        if many:
            said.append(f"{many} {names[many != 1]}")
    return " ".join(said)


def day(at: datetime, language: str = FIRST) -> str:
    """A date as people write it, of the day it is in UTC."""
    known, at = LANGUAGES[language], at.astimezone(UTC)
    return known.DAY.format(day=at.day, month=known.MONTHS[at.month - 1], year=at.year)
