"""What a balance proves: arrived, absent, or nothing; and when it moved as it must not.

No known backend's public wire lists payments, so the balance is the usual witness; and
calls burn it while we look.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

UNBOUNDED = Decimal("Infinity")


class Verdict(StrEnum):
    ARRIVED = "arrived"
    ABSENT = "absent"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Burn:
    """How fast an account can possibly use its credit."""

    rate: Decimal | None
    """The most one channel can cost per second, connection fee and first block in."""

    longest_call: timedelta
    """A call is billed when it ends: one that began long ago may still come in."""

    def most(self, channels: int, elapsed: timedelta) -> Decimal:
        """The most that can have been used; 0 channels is no limit at ICTBroadcast."""
        if self.rate is None or channels <= 0:
            return UNBOUNDED
        seconds = Decimal((elapsed + self.longest_call) / timedelta(microseconds=1))
        return channels * self.rate * seconds / 1_000_000


def highest(*caps: int) -> int:
    """Of several channel caps; 0 is none at all, and so the highest."""
    return 0 if min(caps) <= 0 else max(caps)


@dataclass(frozen=True, slots=True)
class Sent:
    """A sum under way: what was there before, and when that was read."""

    amount: Decimal
    before: Decimal
    read_at: datetime
    channels: int
    """The highest cap in force since."""


def look(
    sent: Sent, now: Decimal, at: datetime, burn: Burn, *, answered: bool = False
) -> Verdict:
    """What the balance *now* says of a sum that may have arrived.

    The floor under *absent* is there because a sum can arrive and be wiped: then the
    balance is lower than usage explains, and only a person can tell. Where the backend
    *answered* yes, a balance of nothing may be such a wipe too.
    """
    most = burn.most(sent.channels, at - sent.read_at)
    with_it = sent.before + sent.amount
    if sent.amount < 0:
        return _look_for_less(sent.before, with_it, now, most, answered=answered)
    if now > sent.before and with_it - most <= now <= with_it:
        return Verdict.ARRIVED
    if sent.before - most <= now <= sent.before and now < with_it - most:
        return Verdict.CANNOT_TELL if answered and now <= 0 else Verdict.ABSENT
    return Verdict.CANNOT_TELL


def _look_for_less(
    before: Decimal, with_it: Decimal, now: Decimal, most: Decimal, *, answered: bool
) -> Verdict:
    """Taken back: calls lower a balance too; a fall they do not explain proves it.

    So does a *yes* from the backend, where the fall is as deep as it must be.
    """
    if with_it - most <= now <= with_it and (answered or now < before - most):
        return Verdict.ARRIVED
    if with_it < now and before - most <= now <= before:
        return Verdict.ABSENT
    return Verdict.CANNOT_TELL


def conclude(verdict: Verdict, at: datetime, settled_from: datetime) -> Verdict | None:
    """None: too early to say. Before the window ends only an arrival is sure.

    A request that timed out may still take effect: of 5,000 histories with effects up
    to 90 s late, looking without a window credited 2,450 twice; with 90 s, none.
    """
    return verdict if verdict is Verdict.ARRIVED or at >= settled_from else None


def moved(
    before: Decimal, now: Decimal, most: Decimal, given: Decimal = Decimal(0)
) -> str | None:
    """Why this movement is not one that usage, and the sum *given*, explain."""
    if before + given - most <= now <= before + given:
        return None
    return (
        f"the balance went from {before} to {now}, which {given} given and at most"
        f" {most} used do not explain"
    )
