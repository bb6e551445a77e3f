"""A user between wire and row: reads are all strings, writes take the known fields."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from provisioning.simulator.names import Names
from provisioning.simulator.refusal import Refusal
from provisioning.simulator.rows import User


def _text(told: object, _: Names) -> str | None:
    return None if isinstance(told, bool | dict | list) else str(told)


def _count(told: object, _: Names) -> int | None:
    written = re.fullmatch(r"\d{1,9}", str(told), re.ASCII)
    return int(written[0]) if written else None


def _switch(told: object, names: Names) -> bool | None:
    return {names.on: True, names.off: False}.get(str(told))


# The id is given, and the balance moves by payments and calls only.
_WRITES: Mapping[str, Callable[[object, Names], object]] = {
    "username": _text,
    "password": _text,
    "email": _text,
    "role": _text,
    "tariff": _text,
    "channels": _count,
    "active": _switch,
}


def shown(user: User, names: Names) -> dict[str, str]:
    return {
        names.id: str(user.id),
        names.username: user.username,
        names.email: user.email,
        names.role: user.role,
        names.tariff: user.tariff,
        names.channels: str(user.channels),
        names.active: names.on if user.active else names.off,
        names.balance: str(user.credit),
    }


def written(told: Mapping[str, object], names: Names) -> dict[str, Any]:
    """Only what was given; null is absent, unknown fields pass without a word."""
    columns = {}
    for word, parse in _WRITES.items():
        wire = getattr(names, word)
        if (value := told.get(wire)) is not None:
            columns[word] = parse(value, names)
            if columns[word] is None:
                raise Refusal(f"Invalid {wire}")
    return columns
