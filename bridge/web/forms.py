"""What forms and bodies are checked by; each field has an upper bound."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from bridge import sheets
from bridge.words import _


class Form(Schema):
    class Meta:
        unknown = RAISE


TURNS = frozenset(map(chr, (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F),
                            *range(0x2066, 0x206A))))  # fmt: skip
"""They are not seen, and turn the letters around them: a name with one reads on a page,
an invoice or a list as another one. The joiners of scripts are not among them."""

TURNED = _("holds a letter nobody sees, which turns the others around; type it anew")


def _plain(value: str) -> None:
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in value):
        raise ValidationError("is text without control characters")
    if TURNS & set(value):
        raise ValidationError(TURNED)


def text(*, most: int = 200, **more: Any) -> fields.String:
    """One line."""
    return fields.String(validate=[validate.Length(1, most), _plain], **more)


def reason(**more: Any) -> fields.String:
    """Why somebody does it: it is kept with what he did."""
    return fields.String(
        required=True,
        validate=[
            validate.Length(3, 500, error="say why, in 3 to 500 letters"),
            _plain,
        ],
        error_messages={"required": "say why; it is kept"},
        **more,
    )


def day(**more: Any) -> fields.Date:
    """As 2026-11-30, of the years that months may be of."""
    return fields.Date(validate=_is_near, **more)


def _is_near(value: date) -> None:
    if sheets.month_named(f"{value:%Y-%m}") is None:
        raise ValidationError("is a day such as 2026-11-30")


def month(**more: Any) -> fields.String:
    """As 2026-11."""
    return fields.String(validate=[validate.Length(7, 7), _is_month], **more)


def _is_month(value: str) -> None:
    if sheets.month_named(value) is None:
        raise ValidationError("is a month such as 2026-11")


class Many(fields.List[str]):
    """What may be ticked several times: one is a list of one."""

    def _deserialize(self, value: Any, *more: Any, **named: Any) -> list[Any]:
        whole = value if isinstance(value, list) else [value]
        return list(super()._deserialize(whole, *more, **named))


def many(*, most: int = 200) -> Many:
    at_most = validate.Length(max=most, error=f"tick {most} at most")
    return Many(text(most=300), validate=at_most, load_default=list)


def number(least: int, most: int, **more: Any) -> fields.Integer:
    return fields.Integer(validate=validate.Range(least, most), **more)
