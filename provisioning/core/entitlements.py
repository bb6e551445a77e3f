"""Everything an account can be entitled to: one row each, used everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.core.kept import Deletion, Deletions
from provisioning.core.quotas import Allowance, Quotas

Names = tuple[str, ...]
Value = int | str | Names | Allowance | Quotas | Deletions
"""Of free minutes a package holds the allowance, an account the quotas."""

Entitlements = Mapping[str, Value]
Combine = Callable[[Any, Any], Any]


def add(have: Any, more: Any) -> Any:
    return have + more


def replace(_have: Any, more: Any) -> Any:
    return more


def unite(have: tuple[Any, ...], more: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted({*have, *more}))


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One thing a package can promise and a backend can hold."""

    name: str
    type: type
    combine: Combine
    """How two services on one account add up."""

    least: int = 0
    most: int = 100_000
    required: bool = False
    """Whether a package that opens an account has to say it."""

    pooled: bool = False
    """Had once by the account, however many seats of the package it has (C2)."""

    nothing: Value | None = None
    """What an account has of it once nothing sold says it any more; None: it stays."""

    keeps: bool = False
    """Whether a customer's data is kept by it, and goes when nothing of it is left."""

    sold: bool = True
    """Whether a package can promise it."""


LARGEST = 2**31 - 1
"""The most a platform is asked to count to."""

LOCKED = "locked"
"""What is not sold any more, and when the data kept by it is deleted (C15)."""


def _capacity(name: str) -> Entitlement:
    more: dict[str, Any] = {"most": LARGEST, "pooled": True, "nothing": 0}
    return Entitlement(name, int, add, **more, keeps=True)


def _allowance(name: str) -> Entitlement:
    return Entitlement(name, Allowance, add, most=LARGEST, nothing=())


ALL = {
    row.name: row
    for row in (
        # At ICTBroadcast 0 channels is no limit at all, so 1 is the least we sell.
        Entitlement("channels", int, combine=add, least=1, required=True),
        Entitlement("tariff", str, combine=replace, required=True),
        Entitlement("seats", int, combine=add, nothing=0),
        Entitlement("features", tuple, combine=unite, nothing=(), keeps=True),
        _capacity("storage_gb"),
        _capacity("documents"),
        _capacity("automation_runs"),
        _capacity("records"),
        _allowance("minutes"),
        _allowance("messages"),
        _allowance("pages"),
        Entitlement(LOCKED, Deletion, combine=unite, nothing=(), sold=False),
    )
}
SOLD = {name: row for name, row in ALL.items() if row.sold}
CAPACITIES = tuple(name for name, row in SOLD.items() if row.pooled)


def times(
    layer: Entitlements, quantity: int, *, pooled: bool = False
) -> dict[str, Any]:
    """So many of it: what adds up is that many times as much, the rest is the same.

    *pooled*: what an account has once is no more with more seats.
    """
    return {
        name: value * quantity if _grows(ALL[name], pooled=pooled) else value
        for name, value in layer.items()
    }


def _grows(row: Entitlement, *, pooled: bool) -> bool:
    return row.combine is add and not (row.pooled and pooled)


def combine(layers: Iterable[Entitlements]) -> dict[str, Any]:
    """Lay the services of an account over each other, each entitlement by its rule."""
    over: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            over[name] = ALL[name].combine(over[name], value) if name in over else value
    return over


def spelled(value: Value) -> str:
    """As people read it."""
    parts = value if isinstance(value, tuple) else (value,)
    return "; ".join(str(part) for part in parts) or "none"
