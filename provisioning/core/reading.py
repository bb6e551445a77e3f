"""Values read back from how `digest` writes them down, by what they are said to be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
OTHERWISE = (TypeError, ValueError, AttributeError, ArithmeticError)
"""How it shows that something is not what it was taken for."""


def read(kind: type[T], written: str) -> T:
    """ValueError, where it is none of that kind as this version knows it."""
    try:
        value: T = _read(kind, json.loads(written))
    except OTHERWISE as wrong:
        raise ValueError(f"no {kind.__name__} as this version knows it") from wrong
    return value


def _read(kind: Any, told: Any) -> Any:
    """Each kind by its own rule: one that nobody thought of is a TypeError."""
    origin = get_origin(kind)
    if origin in RULES:
        return RULES[origin](get_args(kind), told)
    if is_dataclass(kind):
        return _parts(kind, told)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(told)
    if kind in SAID:
        return SAID[kind](told)
    if type(told) is not kind:
        raise TypeError(f"{told!r} is no {kind}")
    return told


def _parts(kind: Any, told: Any) -> Any:
    name, parts = told
    hints = _hints(kind)
    if name != kind.__name__ or parts.keys() - hints.keys():
        raise TypeError(f"{name} is another")
    return kind(**{key: _read(hints[key], part) for key, part in parts.items()})


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    known = get_type_hints(kind)
    return {each.name: known[each.name] for each in fields(kind)}


def _one_of(kinds: tuple[Any, ...], told: Any) -> Any:
    """The first that it is: no two of ours are written alike."""
    for kind in kinds:
        with suppress(*OTHERWISE):
            return _read(kind, told)
    raise TypeError(f"{told!r} is none of {kinds}")


def _row(kinds: tuple[Any, ...], told: Any) -> tuple[Any, ...]:
    if kinds[1:] == (...,):
        return tuple(_read(kinds[0], each) for each in told)
    return tuple(_read(*each) for each in zip(kinds, told, strict=True))


def _table(kinds: tuple[Any, ...], told: Any) -> dict[Any, Any]:
    key, value = kinds
    return {_read(key, k): _read(value, v) for k, v in told.items()}


RULES: dict[Any, Callable[[tuple[Any, ...], Any], Any]] = {
    Union: _one_of,
    UnionType: _one_of,
    tuple: _row,
    Mapping: _table,
}
SAID: dict[Any, Callable[[Any], Any]] = {
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    timedelta: lambda told: timedelta(microseconds=told),
}
