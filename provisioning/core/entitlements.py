"""Everything an account can be entitled to: one row each, used everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Value = int | str
Entitlements = Mapping[str, Value]
Combine = Callable[[Value, Value], Value]


def add(have: Value, more: Value) -> Value:
    return int(have) + int(more)


def replace(_have: Value, more: Value) -> Value:
    return more


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


ALL = {
    row.name: row
    for row in (
        # At ICTBroadcast 0 channels is no limit at all, so 1 is the least we sell.
        Entitlement("channels", int, combine=add, least=1, required=True),
        Entitlement("tariff", str, combine=replace, required=True),
    )
}


def times(layer: Entitlements, quantity: int) -> dict[str, Value]:
    """So many of it: what adds up is that many times as much, the rest is the same."""
    return {
        name: int(value) * quantity if ALL[name].combine is add else value
        for name, value in layer.items()
    }


def combine(layers: Iterable[Entitlements]) -> dict[str, Value]:
    """Lay the services of an account over each other, each entitlement by its rule."""
    over: dict[str, Value] = {}
    for layer in layers:
        for name, value in layer.items():
            over[name] = ALL[name].combine(over[name], value) if name in over else value
    return over
