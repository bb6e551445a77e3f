"""The port: what every backend offers. Each file raises one of the four outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from provisioning.core.actions import Change
from provisioning.core.desired import State
from provisioning.core.entitlements import LOCKED
from provisioning.core.safety import Burn
from provisioning.core.usage import Record


@dataclass(frozen=True, slots=True)
class Observed:
    """An account as the backend shows it. *balance* is in the backend's currency."""

    ref: str
    username: str
    state: State
    balance: Decimal

    @property
    def channels(self) -> int:
        channels = self.state.entitlements.get("channels")
        return channels if isinstance(channels, int) else 0


@dataclass(frozen=True, slots=True)
class Listed:
    """Some of all the accounts there are, ours or not."""

    names: tuple[tuple[str, str], ...]
    """Of each its id and its username; nothing else need be readable."""

    after: str | None
    """Where the next ones begin; None: these were the last."""


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

    campaigns: bool = False
    """Whether it can say which campaigns run, and stop one."""

    usage: bool = False
    """Whether it lists calls and messages that are over."""

    purges: bool = False
    """Whether an account that has ended may be deleted there, with all it holds."""

    key_expires: datetime | None = None
    """When it will take our key no longer, where the key says so."""

    debit: bool = False
    """Whether a payment below nothing takes credit away."""

    partial_update_safe: bool = False
    """Whether a write of some levels is known to leave the balance alone."""

    lists_accounts: bool = False
    """Whether it can say which accounts there are, ours or not."""

    @property
    def deletes(self) -> bool:
        """Whether it deletes the data of one feature, when told. Else a person does."""
        return LOCKED in self.entitlements


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

    def readdress(self, ref: str, email: str) -> None:
        """Set the customer's address."""
        ...

    def grant(self, ref: str, amount: Decimal, reference: str) -> None: ...

    def arrived(self, ref: str, reference: str) -> bool:
        """Whether a payment with this reference is listed (if payments are)."""
        ...

    def running(self, ref: str) -> tuple[str, ...]:
        """The ids of this account's campaigns that run (if it can say)."""
        ...

    def stop(self, ref: str, campaign: str) -> None:
        """Stop one; one that has stopped is as good (if it can say which run)."""
        ...

    def usage(self, ref: str, since: datetime, until: datetime) -> tuple[Record, ...]:
        """Every call and message that began then and is over (if it lists them)."""
        ...

    def purge(self, ref: str) -> None:
        """Delete it; one that is not there is as good (if it purges)."""
        ...

    def listing(self, after: str | None) -> Listed:
        """The next accounts, or with None the first (if it lists accounts)."""
        ...


Shown = Mapping[str, object]
"""A user by the server's own names, as it came."""


@runtime_checkable
class Unproven(Protocol):
    """More of a backend whose wire no contract fixes: what a probe asks, and only it.

    As with the port: reads raise Later or Broken, writes all four.
    """

    def wires(self) -> Mapping[str, object]:
        """What has to be proven, and all that was written down for it. No secrets."""
        ...

    def seek(self, username: str) -> Shown | None:
        """The user that shows this name, wherever it does."""
        ...

    def show(self, ref: str) -> Shown | None: ...

    def understood(self, shown: Shown, name: str) -> object:
        """What it says of one thing, in our words. Broken, where it says nothing."""
        ...

    def lets_in(self, username: str, password: str) -> bool:
        """Whether a user can sign in with it."""
        ...
