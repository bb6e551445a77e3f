"""When all is compared by itself, and how long what it found is kept."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from bridge.config.values import Reconciling
from bridge.config.written import Strict


class Hour(fields.Field[time]):
    """A time of the day, as TOML writes one, or as text."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> time:
        try:
            hour = time.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            hour = None
        if not isinstance(hour, time) or hour.tzinfo:
            raise ValidationError('write a time of the day, as "03:00"')
        return hour


class ReconcileTable(Strict):
    at = Hour(load_default=Reconciling().at)
    keep = fields.Integer(
        load_default=Reconciling().keep.days,
        strict=True,
        validate=validate.Range(1, 36500),
    )

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Reconciling:
        return Reconciling(table["at"], timedelta(days=table["keep"]))
