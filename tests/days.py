"""The days that tests speak of, told from today: next year a run is the same.

The platform's first word was at the start of day 1, and today is day 25 to 28: before
the month that was bought then is over. Every month has a day like it: it is never the
29th or later.
"""

import os
from datetime import UTC, datetime, timedelta

BEFORE = 24
LAST = 28
"""A day that every month has."""

PINNED = "SWITCHHOOK_TEST_STARTED"
"""All processes of a run go by the first one's, also past midnight."""


def _started() -> datetime:
    day = datetime.now(UTC) - timedelta(days=BEFORE)
    return day.replace(
        day=min(day.day, LAST), hour=0, minute=0, second=0, microsecond=0
    )


STARTED = datetime.fromisoformat(os.environ.setdefault(PINNED, _started().isoformat()))


def day(number: float) -> datetime:
    """The start of day *number*; of others than STARTED's month, too."""
    return STARTED + timedelta(days=number - 1)


def dated(number: int) -> str:
    """As WHMCS writes one: 2026-11-20."""
    return f"{day(number):%Y-%m-%d}"


def months_on(count: int) -> datetime:
    """STARTED, so many months later."""
    month = STARTED.month - 1 + count
    return STARTED.replace(year=STARTED.year + month // 12, month=month % 12 + 1)


LIVE = f"{dated(1)}T00:00:00Z"
"""From when on a platform's customers are ours, as a configuration says it."""

NEXT = f"{months_on(1):%Y-%m-%d}"
"""When what was bought on day 1 for a month is to be renewed, as WHMCS writes it."""
