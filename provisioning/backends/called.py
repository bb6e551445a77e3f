"""Settings of whatever is called over HTTP: in which money, for how long, how dear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

MEANT = {
    "Not a valid string.": "must be text; write it in quotes",
    "Not a valid URL.": "must be an address; write it as https://pbx.example.com",
    "Not a valid boolean.": "must be true or false, without quotes",
    "Not a valid number.": "must be a number, without quotes",
    "Not a valid integer.": "must be a whole number, without quotes",
}
"""What marshmallow says, with the way out."""


class Called(Schema):
    class Meta:
        unknown = RAISE

    url = fields.Url(required=True, schemes={"http", "https"}, require_tld=False)
    currency = fields.String(
        required=True, validate=validate.Regexp(r"[A-Z]{3}\Z", error="is no currency")
    )
    ca_file = fields.String(load_default=None)
    connect = fields.Float(load_default=3.0, validate=validate.Range(0.01, 60))
    call_deadline = fields.Float(load_default=15.0, validate=validate.Range(0.05, 120))
    settle = fields.Float(load_default=180.0, validate=validate.Range(0, 86400))
    dearest_rate = fields.Decimal(load_default=None, validate=validate.Range(0))
    longest_call = fields.Float(load_default=3600.0, validate=validate.Range(0, 86400))


def checked(schema: Schema, name: str, written: Mapping[str, Any]) -> dict[str, Any]:
    """ValueError names the table, each wrong setting, and what is wrong with it."""
    try:
        read: dict[str, Any] = schema.load(dict(written))
    except ValidationError as wrong:
        faults = "; ".join(_lines(wrong.messages_dict))
        raise ValueError(f"[backends.{name}] {faults}") from None
    return read


def _lines(messages: Any, at: str = "") -> Iterator[str]:
    """A fault each, by its key. Those of a table's values stand under "value" there."""
    if isinstance(messages, dict):
        for key, part in messages.items():
            inner = at and key in {"key", "value"}
            yield from _lines(part, at if inner else f"{at}.{key}".lstrip("."))
        return
    for message in messages:
        yield f"{at}: {MEANT.get(message, message)}"
