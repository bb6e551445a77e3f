"""What a customer has of a ladder, and what he chooses: plan, cycle, how many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provisioning.core.dues import Due, What


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan, for how long at a time, how many of it, and with which add-ons (C2)."""

    package: str
    cycle: str
    quantity: int = 1
    extras: tuple[tuple[str, int], ...] = ()
    """In the order of their names, each once."""

    def __post_init__(self) -> None:
        counted: dict[str, int] = {}
        for name, many in self.extras:
            counted[name] = counted.get(name, 0) + many
        some = tuple(sorted((name, many) for name, many in counted.items() if many))
        object.__setattr__(self, "extras", some)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The next renewal package (C11), and from when on it holds."""

    choice: Choice
    at: datetime

    def due(self, ref: str) -> Due:
        return Due(ref, What.CHANGE, self.at)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One plan of an account, as far as a change of it goes (C16)."""

    ref: str
    choice: Choice
    starts: datetime
    """Of the running period: paid for, or tried."""

    ends: datetime | None
    """Of the same. None: bought once, or for nothing; or nobody knows it."""

    ahead: int = 0
    """Periods after it that are paid for already."""

    ahead_until: datetime | None = None
    """The end of the last of those."""

    used: int = 0
    """Seats in use, of those bought."""

    tried_until: datetime | None = None
    """Where nothing was paid for it yet: the end of its trial, to come or over."""

    next: Scheduled | None = None
    ended: bool = False
    """Cancelled, or not begun: it stays in the list, and changes no more."""

    @property
    def paid_until(self) -> datetime | None:
        return self.ahead_until or self.ends

    def turns(self, at: datetime) -> datetime:
        """When its next unpaid period begins, or would have: what goes down waits."""
        return max(at, self.tried_until or self.paid_until or at)

    def cycles_from(self, at: datetime) -> tuple[str, ...]:
        """The cycles it has at that moment and after."""
        if self.next is None:
            return (self.choice.cycle,)
        coming = (self.next.choice.cycle,)
        return coming if self.next.at <= at else (self.choice.cycle, *coming)
