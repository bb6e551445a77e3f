"""What a server of the ICT family lists of a call: when, how long, how dear, of what.

Its clients show that `Campaign_Result` lists one row a call; what the columns are
called is published nowhere, so each name is a setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from provisioning.core.outcomes import Broken
from provisioning.core.usage import VOICE, Record

KINDS = {"1": VOICE, "2": "fax", "4": "sms", "8": "email", "16": "video"}
"""Its service flags. A word stands for itself."""


def records(
    method: str, listed: object, names: Mapping[str, str], zone: tzinfo
) -> list[Record]:
    if not isinstance(listed, list) or not all(isinstance(r, dict) for r in listed):
        raise Broken(f"{method} answered no list of calls")
    return [_record(method, row, names, zone) for row in listed]


def _record(
    method: str, row: Mapping[str, Any], names: Mapping[str, str], zone: tzinfo
) -> Record:
    kind = str(row.get(names["kind"]) or VOICE).lower()
    try:
        return Record(
            at=_moment(row[names["started"]], zone),
            seconds=max(0, round(Decimal(str(row[names["seconds"]])))),
            cost=Decimal(str(row.get(names["cost"]) or 0)),
            kind=KINDS.get(kind, kind),
        )
    except (KeyError, ValueError, OverflowError, InvalidOperation):
        which = ", ".join(names[name] for name in ("started", "seconds", "cost"))
        raise Broken(
            f"{method} shows a call without {which} as agreed: a moment, and two"
            " numbers; see [backends.….fields]"
        ) from None


def _moment(told: object, zone: tzinfo) -> datetime:
    """Seconds since 1970, or a date and time: its own, where no zone is said."""
    if isinstance(told, int | float) or str(told).isdecimal():
        return datetime.fromtimestamp(int(str(told).partition(".")[0]), UTC)
    read = datetime.fromisoformat(str(told))
    return read if read.tzinfo else read.replace(tzinfo=zone)
