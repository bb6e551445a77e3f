"""The rows of the vendor's tables: plan, user, payment, campaign, call."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from math import ceil


class Status(StrEnum):
    """The vendor's six; this backend itself enters new, running, paused and broken."""

    NEW = "new"
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Plan:
    """A tariff: the price to connect, of the first block, of each further one begun."""

    id: str
    name: str
    connection: Decimal
    first_block: Decimal
    block_seconds: int
    block: Decimal

    def __post_init__(self) -> None:
        if self.block_seconds < 1:
            raise ValueError("block_seconds must be at least 1")

    def cost(self, seconds: float) -> Decimal:
        # To the microsecond: a call of 60 s must not begin a second block by 1e-12 s.
        blocks = max(1, ceil(round(seconds, 6) / self.block_seconds))
        return self.connection + self.first_block + (blocks - 1) * self.block


@dataclass(frozen=True, slots=True)
class User:
    """The vendor's client. No channels means no ceiling."""

    id: int
    username: str
    password: str = field(repr=False)
    tariff: str
    email: str = ""
    role: str = "client"
    channels: int = 0
    active: bool = True
    credit: Decimal = Decimal("0.000000")


@dataclass(frozen=True, slots=True)
class Payment:
    """Credit given or, when negative, taken. Nothing makes a reference unique."""

    id: int
    user_id: int
    amount: Decimal
    reference: str
    at: float


@dataclass(frozen=True, slots=True)
class Campaign:
    """Keeps `concurrent` calls going; `up`, `ended` and `refused` count its calls."""

    id: int
    user_id: int
    name: str = ""
    concurrent: int = 1
    call_seconds: float = 60.0
    status: Status = Status.NEW
    up: int = 0
    ended: int = 0
    refused: int = 0
    cost: Decimal = Decimal("0.000000")

    def __post_init__(self) -> None:
        if self.concurrent < 1 or not 0 < self.call_seconds < float("inf"):
            raise ValueError("a campaign needs concurrent >= 1 and call_seconds > 0")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a user calls."""

    id: int
    user_id: int
    phone: str


@dataclass(frozen=True, slots=True)
class Recording:
    """What a user plays to them."""

    id: int
    user_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call, by the plan in force when it started; it costs when it ends."""

    id: int
    user_id: int
    campaign_id: int
    plan: Plan
    started: float
    seconds: float
    cost: Decimal | None = None
