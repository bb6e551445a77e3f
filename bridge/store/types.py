"""Exact column types that are the same on every database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from provisioning.core.money import from_micro, micro

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite counts up by itself only in a column it calls INTEGER."""

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL, and half a surrogate pair."""


class Moment(sa.TypeDecorator[datetime]):
    """An aware moment, kept as whole microseconds: exact, sortable, no time zones."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, *_: Any) -> int | None:
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, *_: Any) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Amount(sa.TypeDecorator[Decimal]):
    """Money, kept as whole millionths."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, *_: Any) -> int | None:
        return None if value is None else micro(value)

    def process_result_value(self, value: int | None, *_: Any) -> Decimal | None:
        return None if value is None else from_micro(value)


class Words(sa.TypeDecorator[str]):
    """What somebody said, for people: without the letters that no database keeps.

    A backend's answer is theirs: refused by the database, its end would not be noted.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, *_: Any) -> str | None:
        return None if value is None else UNSTORABLE.sub("\ufffd", value)
