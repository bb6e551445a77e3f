"""What bodies, queries and answers are made of: one meaning a value, each bounded.

JSON has types of its own: a number in quotes, or a 1 for a yes, is refused. In a query
all is text: there a number is digits.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from bridge.web import forms
from bridge.web.forms import Form
from provisioning.core.money import amount
from provisioning.core.money import text as written

MOST = 200
"""Rows of one answer."""

USUAL = 50
LONGEST_CURSOR = 600
LONGEST_MOMENT = 40
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
DIGITS = re.compile(r"[0-9]{1,10}")
SUM = r"^[0-9]{1,9}(\.[0-9]{1,6})?$"
PLAIN = (
    r"^[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    r"\ud800-\udfff]*$"
)
"""No control characters, and none that turns letters around: so the check of `forms`
is written for others."""

CURRENCY = r"^[A-Z]{3}$"
HASH = r"^[0-9a-f]{64}$"


class Whole(fields.Integer):
    """A number as JSON writes it."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **more)


class Digits(fields.Integer):
    """A number in a query."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> int:
        if not (isinstance(value, str) and DIGITS.fullmatch(value)):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **more)


class YesOrNo(fields.Boolean):
    """`true` or `false`, and nothing that is nearly that."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> bool:
        if value not in (True, False) or type(value) is not bool:
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **more)


class Sum(fields.String):
    """An amount, written out: 5.00. As a number it would be rounded on the way."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else written(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        said = super()._deserialize(value, attr, data, **more)
        if not re.fullmatch(SUM, str(said)):
            raise ValidationError("is an amount such as 5.00")
        return amount(str(said))


class Moment(fields.AwareDateTime):
    """With its offset; without one nobody knows when it is."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, str) or len(value) > LONGEST_MOMENT:
            raise self.make_error("invalid", input=value, obj_type="datetime")
        return super()._deserialize(value, attr, data, **more)


# --- what comes in


def said(about: str, example: str, *, most: int = 200, **more: Any) -> fields.String:
    """One line."""
    meta = _meta(about, example) | {"pattern": PLAIN}
    return forms.text(most=most, metadata=meta, **more)


def one_of(about: str, words: Collection[str], **more: Any) -> fields.String:
    known = sorted(words)
    return fields.String(
        validate=validate.OneOf(known), metadata=_meta(about, known[0]), **more
    )


def because() -> fields.String:
    meta = _meta("Why; it is kept.", "ticket 4711") | {"pattern": PLAIN}
    return forms.reason(metadata=meta)


def hash_of(what: str) -> fields.String:
    """As it was shown: where it is another by now, nothing is done."""
    return fields.String(
        required=True,
        validate=[validate.Length(64, 64), validate.Regexp(HASH)],
        metadata=_meta(f"`hash` of {what}", "0" * 64),
    )


def whole(about: str, example: int, least: int, most: int, **more: Any) -> Whole:
    return Whole(
        validate=validate.Range(least, most), metadata=_meta(about, example), **more
    )


def money(about: str, example: str, **more: Any) -> Sum:
    meta = _meta(about, example) | {"pattern": SUM, "maxLength": 16}
    return Sum(metadata=meta, **more)


def yes_or_no(about: str, **more: Any) -> YesOrNo:
    return YesOrNo(metadata=_meta(about, True), **more)


def currency(**more: Any) -> fields.String:
    return fields.String(
        validate=[validate.Length(3, 3), validate.Regexp(CURRENCY)],
        metadata=_meta("ISO 4217.", "USD"),
        **more,
    )


def moment(about: str, example: str, **more: Any) -> Moment:
    return Moment(
        validate=_between,
        metadata=_meta(about, example) | {"maxLength": LONGEST_MOMENT},
        **more,
    )


def _between(at: datetime) -> None:
    if not FIRST <= at < LAST:
        raise ValidationError(f"is of {FIRST.year} to {LAST.year}")


class Paged(Form):
    """A page of a list: where it begins, and how much is on it."""

    cursor = forms.text(
        most=LONGEST_CURSOR,
        metadata={
            "description": "`next` of the answer before this one.",
            "pattern": PLAIN,
        },
    )
    limit = Digits(
        load_default=USUAL,
        validate=validate.Range(1, MOST),
        metadata={"description": "So many at most.", "examples": [USUAL]},
    )


# --- what goes out


class Answer(Schema):
    """What is in it is always in it; what may be nothing is null then."""


def shown(
    about: str,
    example: Any = None,
    kind: type[fields.Field[Any]] = fields.String,
    **more: Any,
) -> fields.Field[Any]:
    return kind(required=True, metadata=_meta(about, example), **more)


def maybe(
    about: str,
    example: Any = None,
    kind: type[fields.Field[Any]] = fields.String,
    **more: Any,
) -> fields.Field[Any]:
    """null, where there is none."""
    return shown(about, example, kind, allow_none=True, **more)


def many(
    about: str, of: type[Schema | fields.Field[Any]] = fields.String
) -> fields.List[Any]:
    inner = fields.Nested(of) if issubclass(of, Schema) else of()
    return fields.List(inner, required=True, metadata={"description": about})


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """A list that may go on: by `next` the rest is asked for."""
    parts = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": maybe("Send it as `cursor` for the rest; null at the end."),
    }
    return Answer.from_dict(parts, name=f"{item.__name__}Page")


def _meta(about: str, example: Any = None) -> dict[str, Any]:
    examples = {} if example is None else {"examples": [example]}
    return ({"description": about} if about else {}) | examples
