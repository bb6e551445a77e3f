"""What a billing platform can tell us, in our words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Type(StrEnum):
    ACTIVATE = "service.activate"
    RENEWED = "service.renewed"
    SUSPEND = "service.suspend"
    RESUME = "service.resume"
    TERMINATE = "service.terminate"
    REINSTATE = "service.reinstate"
    CHANGE = "service.change"
    SYNC = "service.sync"
    TOPUP = "topup.paid"
    REVERSED = "topup.reversed"
    UPDATED = "account.updated"
    CREDENTIALS = "credentials.changed"
    PING = "ping"


class Hold(StrEnum):
    """A reason to be off. A service is on when it has none."""

    BILLING = "billing"
    ABUSE = "abuse"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, order=True)
class Order:
    """When it happened, then what the platform counted, then when it reached us."""

    occurred_at: datetime
    sequence: int
    arrival: int


@dataclass(frozen=True, slots=True)
class Event:
    """One fact. References of the platform carry its name: `shop:4711`."""

    id: str
    source: str
    type: str
    """Kept as told: an unknown type is parked by the plan, not dropped at the door."""

    occurred_at: datetime
    sequence: int = 0
    arrival: int = 0
    """Our own count, given when the event is kept."""

    client: str | None = None
    service: str | None = None
    target: str | None = None
    """Which service or account a top-up is for."""

    product: str | None = None
    """The package or top-up sold, by its name in our catalog."""

    quantity: int | None = None
    """How many of it; None where nothing was said, which is one of what is new."""

    extras: tuple[tuple[str, int], ...] | None = None
    """Add-ons sold with it, by name, and how many of each; None: nothing was said."""

    currency: str | None = None
    line: str | None = None
    """The paid invoice line: the identity of the money."""

    invoice: str | None = None
    """As the platform numbers it: for whoever compares; no rule goes by it."""

    starts: datetime | None = None
    ends: datetime | None = None
    hold: Hold = Hold.BILLING
    at_period_end: bool = False
    """Not now, but when what is paid for is used up."""

    trial: bool = False
    """Sold to be tried: nothing is paid for it."""

    email: str | None = None
    phone: str | None = None
    """Its last digits, as `phones` keeps it."""

    language: str | None = None
    """In which the customer is written to: as ISO 639 names it, "vi"."""

    group: str | None = None
    """The customer's; "": none any more. None: nothing was said."""

    server: str | None = None
    """Which backend of its package's group an order is for."""

    approved: bool = False
    """Whether an admin agreed to it, before it was paid at a shop of ours, or to the
    event itself; no platform can say so."""

    secret: str | None = field(default=None, repr=False)
    """A new password: plain only until the event is kept, then sealed."""

    besides: tuple[str, ...] = ()
    """What was sold along and nobody here can read."""

    ranks_at: datetime | None = None
    """Of what was only seen there, and not told: all that was told is newer."""

    @property
    def order(self) -> Order:
        at = self.ranks_at or self.occurred_at
        return Order(at, self.sequence, self.arrival)
