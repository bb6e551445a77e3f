"""Entitlements as JSON holds them, and back. What is not as agreed is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provisioning.core.entitlements import ALL, LARGEST, Entitlements, Names, Value
from provisioning.core.kept import Deletion, Deletions
from provisioning.core.quotas import Allowance, Quota, Quotas

AFTER = {"persist": False, "reset": True}
QUOTA = {"given", "since", "after", "cap"}
DELETION = {"deletes", "deleted"}


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of one type are written and read."""

    should: str
    """What people call it."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Value]
    """ValueError, without words, where it is none."""


def write(entitlements: Entitlements) -> dict[str, Any]:
    return {
        name: KINDS[ALL[name].type].write(value) for name, value in entitlements.items()
    }


def read(told: Mapping[str, Any]) -> dict[str, Value]:
    """ValueError names what is not as agreed, and how it should be."""
    return {name: _read(name, value) for name, value in told.items()}


def _read(name: str, value: object) -> Value:
    kind = KINDS[ALL[name].type]
    try:
        return kind.read(value)
    except (ValueError, TypeError, KeyError):
        raise ValueError(name, kind.should) from None


def _same(value: Any) -> Any:
    return value


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise ValueError
    return value


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _names(value: object) -> Names:
    if not isinstance(value, list):
        raise TypeError
    return tuple(sorted({_string(each) for each in value}))


def _by_service(quotas: Quotas) -> dict[str, Any]:
    return {
        quota.service: {
            "given": quota.given,
            "since": list(quota.since),
            "after": "reset" if quota.reset else "persist",
            "cap": quota.cap,
        }
        for quota in quotas
    }


def _quotas(value: object) -> Quotas:
    if not isinstance(value, dict):
        raise TypeError
    return tuple(_quota(service, value[service]) for service in sorted(value))


def _quota(service: str, value: object) -> Quota:
    if not isinstance(value, dict) or value.keys() != QUOTA:
        raise ValueError
    no, interval = (_whole(each) for each in value["since"])
    cap = None if value["cap"] is None else _whole(value["cap"])
    reset = AFTER[value["after"]]
    return Quota(service, _whole(value["given"]), (no, interval), reset, cap)


def _by_name(deletions: Deletions) -> dict[str, Any]:
    return {
        each.name: {"deletes": each.at.isoformat(), "deleted": each.done}
        for each in deletions
    }


def _deletions(value: object) -> Deletions:
    if not isinstance(value, dict):
        raise TypeError
    return tuple(_deletion(name, value[name]) for name in sorted(value))


def _deletion(name: str, value: object) -> Deletion:
    if not isinstance(value, dict) or value.keys() != DELETION:
        raise ValueError
    at, done = datetime.fromisoformat(_string(value["deletes"])), value["deleted"]
    if at.tzinfo is None or not isinstance(done, bool):
        raise ValueError
    return Deletion(name, at, done)


KINDS = {
    int: Kind("a whole number", _same, _whole),
    str: Kind("a string", _same, _string),
    tuple: Kind("a list of names", list, _names),
    Allowance: Kind(
        "an object: by service, its given, since, after and cap", _by_service, _quotas
    ),
    Deletion: Kind("an object: by name, its deletes and deleted", _by_name, _deletions),
}
