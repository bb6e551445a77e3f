"""The port: what every backend offers. Each file raises one of the four outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from provisioning.core.actions import Change
from provisioning.core.desired import State
from provisioning.core.safety import Burn


@dataclass(frozen=True, slots=True)
class Observed:
    """An account as the backend shows it. *balance* is in the backend's currency."""

    ref: str
    username: str
    state: State
    balance: Decimal

    @property
    def channels(self) -> int:
        return int(self.state.entitlements.get("channels", 0))


@dataclass(frozen=True, slots=True)
class Spec:
    """A new account. *username* is its mark: ours alone, and found again by it."""

    username: str
    password: str = field(repr=False)
    email: str | None
    state: State


@dataclass(frozen=True, slots=True)
class Capabilities:
    entitlements: frozenset[str]
    currency: str
    """Of every balance here."""

    tariffs: frozenset[str]
    lists_payments: bool
    """Whether a sum can be looked up by its reference."""

    settle: float
    """Seconds after which a request that was sent can no longer take effect."""

    call_deadline: float
    """Seconds one call may take, all in all."""

    burn: Burn

    key_expires: datetime | None = None
    """When it will take our key no longer, where the key says so."""

    debit: bool = False
    """Whether a payment below nothing takes credit away."""

    partial_update_safe: bool = False
    """Whether a write of some levels is known to leave the balance alone."""


class Backend(Protocol):
    """*ref* is the backend's own id of an account.

    Reads raise Later or Broken: a read that failed did nothing. Writes raise all four.
    """

    def describe(self) -> Capabilities: ...

    def ping(self) -> None: ...

    def find(self, username: str) -> Observed | None:
        """The account with exactly this username."""
        ...

    def read(self, ref: str) -> Observed | None: ...

    def open(self, spec: Spec) -> None:
        """Make it; it is found by its username."""
        ...

    def apply(self, ref: str, change: Change) -> None:
        """Write only the levels named."""
        ...

    def rekey(self, ref: str, password: str) -> None:
        """Set the password of an account that was adopted."""
        ...

    def grant(self, ref: str, amount: Decimal, reference: str) -> None: ...

    def arrived(self, ref: str, reference: str) -> bool:
        """Whether a payment with this reference is listed (if payments are)."""
        ...
