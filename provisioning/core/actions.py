"""The few things a backend can be asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.core.desired import State
from provisioning.core.entitlements import Entitlements


@dataclass(frozen=True, slots=True)
class Open:
    """Make the account, in this state."""

    state: State


@dataclass(frozen=True, slots=True)
class Change:
    """Make these levels so, whatever they were; what is not named stays."""

    on: bool | None
    entitlements: Entitlements


@dataclass(frozen=True, slots=True)
class Tell:
    """Say this of the customer's details again; nobody can read it back."""

    what: str


@dataclass(frozen=True, slots=True)
class Purge:
    """Delete the account with all that it holds. There is no way back."""


Level = Open | Change | Tell
