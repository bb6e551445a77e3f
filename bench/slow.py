"""A backend in memory whose every call takes a set time: `kind = "bench.slow"`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from provisioning.backends import memory
from provisioning.backends.base import Capabilities, Observed, Spec
from provisioning.core.actions import Change


class Backend(memory.Backend):
    """The balance is the witness, as at ICTBroadcast: payments are not listed."""

    def __init__(self, name: str, written: Mapping[str, Any]) -> None:
        super().__init__(name, written)
        self._takes = float(written.get("latency", 0.0))
        self._refs: dict[str, str] = {}

    def describe(self) -> Capabilities:
        return replace(super().describe(), lists_payments=False)

    def find(self, username: str) -> Observed | None:
        time.sleep(self._takes)
        ref = self._refs.get(username)
        return super().read(ref) if ref else None

    def read(self, ref: str) -> Observed | None:
        time.sleep(self._takes)
        return super().read(ref)

    def open(self, spec: Spec) -> None:
        time.sleep(self._takes)
        ref = str(len(self.accounts) + 1)
        seen = Observed(ref, spec.username, spec.state, Decimal(0))
        self.accounts[ref] = memory.Kept(seen, spec.password)
        self._refs[spec.username] = ref

    def apply(self, ref: str, change: Change) -> None:
        time.sleep(self._takes)
        super().apply(ref, change)

    def grant(self, ref: str, amount: Decimal, reference: str) -> None:
        time.sleep(self._takes)
        super().grant(ref, amount, reference)

    def stand(self, username: str, seen: Observed) -> None:
        """An account that is there already."""
        self.accounts[seen.ref] = memory.Kept(seen, "")
        self._refs[username] = seen.ref
