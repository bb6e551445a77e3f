"""A backend for benchmarks: each account is as it should be, and none is kept."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from provisioning.backends.base import Capabilities, Observed
from provisioning.backends.memory import Backend as Memory
from provisioning.core.desired import State

BALANCE = Decimal(5)
SEEN = State(on=True, entitlements={"channels": 5, "tariff": "standard"})


class Backend(Memory):
    """What it costs to compare is all that is left."""

    def __init__(self, name: str, written: dict[str, Any]) -> None:
        super().__init__(name, written)
        self.tariffs = frozenset({"standard", "wholesale"})

    def describe(self) -> Capabilities:
        return replace(super().describe(), lists_accounts=False)

    def read(self, ref: str) -> Observed | None:
        return Observed(ref, f"sw{ref}", SEEN, BALANCE)
