"""What is due by itself, and when: values for ticks to wake by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    CHANGE = "change"
    """The next renewal package begins."""

    TRIAL_ENDS = "trial ends"
    """Soon: to be told, and no more."""

    TRIAL_OVER = "trial over"
    REMIND = "remind"
    """Before a payment is due."""

    RENEW = "renew"
    """The payment is due."""

    SUSPEND = "suspend"
    WARN_REVOKE = "warn of revoke"
    REVOKE = "revoke"
    PROMISE_OVER = "promise over"
    WARN_CAPACITY = "warn of capacity"
    TRIM = "trim"
    WARN_DATA = "warn of data"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Due:
    """*of*: whose it is, as `shop:7/period-3` or `shop:7/clearing`."""

    of: str
    what: What
    at: datetime

    @property
    def key(self) -> str:
        """Where it moves, the new one is another: what woke before wakes again."""
        return f"{self.of}/{self.what.replace(' ', '-')}/{self.at.isoformat()}"


def wakes(dues: Iterable[Due], at: datetime) -> dict[str, datetime]:
    """Those to come, by key, as a plan names them."""
    return {due.key: due.at for due in dues if at < due.at}


def reached(dues: Iterable[Due], at: datetime) -> tuple[Due, ...]:
    """Those whose moment has come, in the order it came."""
    return tuple(sorted((d for d in dues if d.at <= at), key=lambda d: d.at))
