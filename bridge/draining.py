"""Calls that began under a higher cap than the one in force: they end by themselves.

A lower cap holds at once, for new calls (D17). No backend known to us says how many
calls are in progress; so an account is said to be over cap for as long as the longest
call its backend allows may last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.store import attempts
from bridge.work import Work
from provisioning.core.safety import highest
from provisioning.core.sentences import minute


@dataclass(frozen=True, slots=True)
class OverCap:
    cap: int
    """The highest they may have begun under; 0: there was none."""

    until: datetime

    def __str__(self) -> str:
        under = f"a cap of {self.cap} channels" if self.cap else "no cap"
        return f"calls begun under {under} may run until {minute(self.until)}"


def over_cap(job: Work) -> OverCap | None:
    """None, where all calls can only have begun under the cap that was seen just now,
    or nobody saw one."""
    if job.seen is None:
        return None
    longest, now = job.limits.burn.longest_call, job.seen.channels
    with job.desk.database.read() as tx:
        known = attempts.caps_told(tx, job.account.id, job.seen_at - longest)
    higher = {cap: at for at, cap in known if highest(cap, now) != now}
    if not higher:
        return None
    return OverCap(highest(*higher), max(higher.values()) + longest)
