"""The values an envelope is made of: each says what is wrong and the way out.

Never what was sent: it may be a secret.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from marshmallow import ValidationError, fields
from marshmallow.types import ErrorMessages

from bridge.platforms.strict import CONTROL, Inexact
from provisioning.core import money, phones

T = TypeVar("T")

MOST = 50
"""Options or add-ons of one service."""

ABSENT: ErrorMessages = {
    "required": "is needed",
    "null": "is null; write a value, or leave the field out",
}


class Own(fields.Field[T]):
    default_error_messages = ABSENT

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> T:
        return self.taken(value)

    def taken(self, value: object) -> T:
        raise NotImplementedError


class Text(Own[str]):
    def __init__(self, longest: int, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.longest = longest

    def taken(self, value: object) -> str:
        if not isinstance(value, str):
            raise ValidationError("is not text; write it in quotes")
        if len(value) > self.longest:
            raise ValidationError(f"is longer than {self.longest} characters; cut it")
        if CONTROL.search(value):
            raise ValidationError("holds a control character; leave it out")
        return value


class Secret(Text):
    """Taken, so that no sender need cut it out; blanked before anything is kept."""


class Shaped(Text):
    shape: ClassVar[re.Pattern[str]]
    reason: ClassVar[str]

    def taken(self, value: object) -> str:
        if not isinstance(value, str) or not self.shape.fullmatch(value):
            raise ValidationError(self.reason)
        return super().taken(value)


class Reference(Shaped):
    shape = re.compile(r"[!-~]+")
    reason = "is not a reference; write a string of printable ASCII without spaces"

    def __init__(self, longest: int = 128, *, required: bool = False) -> None:
        super().__init__(longest, required=required)


class Email(Shaped):
    shape = re.compile(r"[^@\s]+@[^@\s]+")
    reason = 'is not an address; write it as "name@example.com", or leave it out'


class Phone(Secret):
    """No more of it is kept than finds it again, and not where it was sent."""

    def taken(self, value: object) -> str:
        ends = phones.ends(super().taken(value))
        if ends is None:
            raise ValidationError(
                'is no number of a telephone; write it as "+84 90 123 4567", or leave'
                " it out"
            )
        return ends


class Currency(Shaped):
    shape = re.compile(r"[A-Z]{3}")
    reason = 'is not a currency; write three capital letters, as "USD"'


class Word(Own[str]):
    def __init__(self, *words: str, required: bool = False) -> None:
        super().__init__(required=required)
        self.words = words

    def taken(self, value: object) -> str:
        if isinstance(value, str) and value in self.words:
            return value
        known = " or ".join(f'"{word}"' for word in self.words)
        raise ValidationError(f"is not a word we know here; write {known}")


class Count(Own[int]):
    def __init__(self, least: int, most: int) -> None:
        super().__init__()
        self.least, self.most = least, most

    def taken(self, value: object) -> int:
        # Exactly int: True is one of its kind.
        if type(value) is int and self.least <= value <= self.most:
            return value
        raise ValidationError(
            f"is not a whole number from {self.least} to {self.most}; write it so,"
            " without quotes"
        )


class Flag(Own[bool]):
    def taken(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        raise ValidationError("is neither true nor false; write one, without quotes")


class Money(Own[Decimal]):
    def taken(self, value: object) -> Decimal:
        written = value.written if isinstance(value, Inexact) else str(value)
        try:
            amount = money.amount(written)
        except ValueError:
            written = "49.00"
        else:
            if isinstance(value, str):
                return amount
        raise ValidationError(
            f'is not money; write money as a string: "{written}" (plain digits, at most'
            " six after the point)"
        )


class Moment(Own[datetime]):
    """RFC 3339 with its offset, in the two centuries that leave room to reckon."""

    shape = re.compile(
        r"2[01]\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII
    )

    def taken(self, value: object) -> datetime:
        written = str(value).upper()
        try:
            if isinstance(value, str) and self.shape.fullmatch(written):
                return datetime.fromisoformat(written).astimezone(UTC)
        except ValueError:
            pass  # 30 February: refused like the rest
        raise ValidationError(
            'is not a moment with its offset; write it as "2026-01-31T10:00:00Z"'
        )


class Options(Own[dict[str, str | int]]):
    """What was chosen with the order, in the platform's own words."""

    def taken(self, value: object) -> dict[str, str | int]:
        if not isinstance(value, dict) or len(value) > MOST:
            raise ValidationError(f"is not an object; write one of {MOST} at most")
        wrong = [name for name, one in value.items() if not self._plain(name, one)]
        if wrong:
            reason = (
                "is not plain; write a short name with a whole number or short text"
            )
            raise ValidationError({name: [reason] for name in wrong})
        return value

    def _plain(self, name: str, value: object) -> bool:
        short = len(name) <= 64 and len(str(value)) <= 256  # noqa: PLR2004 - the limits
        text = isinstance(value, str) and not CONTROL.search(value)
        return short and (text or type(value) is int)


class Part(fields.Nested):
    default_error_messages = ABSENT


class Few(fields.List[Any]):
    """Counted before the first is looked at."""

    default_error_messages = ABSENT

    def _deserialize(self, value: Any, *rest: Any, **given: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) > MOST:
            raise ValidationError(f"is not a list; write one of {MOST} at most")
        return super()._deserialize(value, *rest, **given)
