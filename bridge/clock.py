"""What time it is. Real time runs leases and deadlines; business time due dates only."""

from __future__ import annotations

from datetime import UTC, datetime


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)
