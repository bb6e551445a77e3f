"""How one language says things: its sentences, amounts of money, dates, lengths.

`speech(language).say("Paid until {day}", day=…)`. `make words` finds what is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from gettext import NullTranslations

from babel import Locale
from babel.dates import (
    format_date,
    format_skeleton,
    get_datetime_format,
    get_timezone_name,
)
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)
from babel.units import format_unit

from bridge.words.catalogues import FIRST, LANGUAGES, catalogue

LOCALES = {"en": "en_GB"}
"""Days before months, and hours up to 24: what people everywhere read alike."""

DAYS = {"ru": "d MMMM y", "vi": "'ngày' d MMMM 'năm' y"}
"""The rest as Unicode's tables have it. Those end Russian days with "г.", which makes
two points where a sentence ends; and leave out the word before a Vietnamese day."""

UNITS = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}


@dataclass(frozen=True, slots=True)
class Speech:
    language: str
    locale: Locale
    said: NullTranslations

    @property
    def direction(self) -> str:
        """ltr or rtl."""
        return self.locale.text_direction

    @property
    def name(self) -> str:
        """What the language calls itself."""
        own = self.locale.get_language_name(self.locale) or self.language
        return own[:1].upper() + own[1:]

    def say(self, words: str, **parts: object) -> str:
        return self.said.gettext(words).format(**parts)

    def many(self, one: str, several: str, n: int, **parts: object) -> str:
        """For a number, by the language's own rules; {n} is the number."""
        return self.said.ngettext(one, several, n).format(n=self.number(n), **parts)

    def money(self, value: Decimal, currency: str) -> str:
        """At its currency's scale; what is finer is shown, too, and never rounded."""
        least = get_currency_precision(currency)
        exact = value.normalize()
        finer = -int(exact.as_tuple().exponent) > least
        return format_currency(
            exact if finer else value,
            currency,
            locale=self.locale,
            decimal_quantization=not finer,
        )

    def number(self, value: int | Decimal) -> str:
        return format_decimal(value, locale=self.locale, decimal_quantization=False)

    def percent(self, value: Decimal) -> str:
        """Of 100: 12.5 is said as "12.5%"."""
        return format_percent(
            value / 100, locale=self.locale, decimal_quantization=False
        )

    def day(self, at: datetime, zone: tzinfo) -> str:
        return self.date(at.astimezone(zone))

    def date(self, day: date) -> str:
        """One of a calendar, in no zone."""
        return format_date(day, DAYS.get(self.language, "long"), locale=self.locale)

    def month(self, at: datetime) -> str:
        """As "November 2026"."""
        return format_skeleton("yMMMM", at, locale=self.locale)

    def moment(self, at: datetime, zone: tzinfo) -> str:
        """To the minute, with the name of the zone."""
        there = at.astimezone(zone)
        called = get_timezone_name(there, "short", locale=self.locale)
        form = str(get_datetime_format("long", locale=self.locale)).replace("'", "")
        return form.format(f"{there:%H:%M} {called}", self.day(at, zone))

    def lasting(self, time: timedelta) -> str:
        """A length of time as people say it: "1 day 12 hours"."""
        left, said = int(time.total_seconds()), []
        for unit, seconds in UNITS.items():
            many, left = divmod(left, seconds)
            if many:
                said.append(format_unit(many, f"duration-{unit}", locale=self.locale))
        return " ".join(said)


@cache
def speech(language: str = FIRST) -> Speech:
    """English, where there are no words of that language."""
    known = language if language in LANGUAGES else FIRST
    locale = Locale.parse(LOCALES.get(known, known))
    return Speech(known, locale, catalogue(known))
