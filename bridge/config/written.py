"""How single values are written in the file: an amount, a share, a time that lasts."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from marshmallow import RAISE, Schema, ValidationError, fields

from provisioning.core.money import Money, amount

PRICE = '"29.00 USD"'
CURRENCY = r"[A-Z]{3}\Z"
WRITTEN = re.compile(r"(\S+) ([A-Z]{3})", re.ASCII)
LASTS = re.compile(r"([1-9][0-9]{0,4})([mhdw])", re.ASCII)
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
UNKNOWN = "Unknown field"
MOMENT = "2026-12-01T00:00:00Z"


class Strict(Schema):
    class Meta:
        unknown = RAISE

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> None:
        """A key nobody knows is mostly one that was misspelt."""
        told, known = error.messages, [f.data_key or n for n, f in self.fields.items()]
        for key, messages in told.items() if isinstance(told, dict) else ():
            if messages == [f"{UNKNOWN}."]:
                told[key] = [f"{UNKNOWN}{meant(str(key), known) or '.'}"]


def meant(said: str, known: Collection[str]) -> str:
    """The slip it probably was; nothing, where it is like none of them."""
    near = get_close_matches(said.casefold(), {k.casefold(): k for k in known}, n=1)
    found = [name for name in known if name.casefold() in near]
    return f'; did you mean "{found[0]}"?' if found else ""


def zone(name: str) -> None:
    """A calendar, as the system knows it. UTC needs none: small machines have none."""
    try:
        if name != "UTC":
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        slip = meant(name, available_timezones()) or "; write one as Europe/Berlin"
        raise ValidationError(f"names no time zone{slip}") from None


class Price(fields.Field[Money]):
    """An amount and its currency in one string: `"29.00 USD"`."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Money:
        parts = WRITTEN.fullmatch(value) if isinstance(value, str) else None
        if parts is None:
            raise ValidationError(f"write amount and currency as {PRICE}")
        try:
            money = Money(amount(parts[1]), parts[2])
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None
        if money.amount < 0:
            raise ValidationError("must not be less than nothing")
        return money


class Percent(fields.Field[Decimal]):
    """A number, as TOML writes one: 5 or 7.5."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        try:
            share = amount(repr(value))
        except ValueError:
            share = Decimal(-1)
        if not 0 <= share <= 100:  # noqa: PLR2004 - percent
            raise ValidationError("write percent off, a number from 0 to 100")
        return share


class Moment(fields.Field[datetime]):
    """A moment with its time zone, as TOML writes one, or as text."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            moment = None
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise ValidationError(f"write a moment with its time zone, as {MOMENT}")
        return moment.astimezone(UTC)


class Lasting(fields.Field[timedelta]):
    """A time that lasts, in UTC (D8): `"3h"`."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> timedelta:
        parts = LASTS.fullmatch(value) if isinstance(value, str) else None
        if parts is None:
            raise ValidationError(
                'write a time longer than none as "30m", "3h" or "3d"'
            )
        return timedelta(**{UNITS[parts[2]]: int(parts[1])})
