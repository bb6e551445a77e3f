"""What an account bought beside its plans, and what it lost, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from provisioning.core.account import Service
from provisioning.core.kept import Extra, Locked

Kept = tuple[tuple[Extra, ...], tuple[Locked, ...]]


def from_kept(service: Service) -> dict[str, Any] | None:
    if not service.bought and not service.locked:
        return None
    return {
        "bought": [_from_extra(each) for each in service.bought],
        "locked": [_from_locked(each) for each in service.locked],
    }


def to_kept(kept: Mapping[str, Any] | None) -> Kept:
    if kept is None:
        return (), ()
    return (
        tuple(_to_extra(*each) for each in kept["bought"]),
        tuple(_to_locked(*each) for each in kept["locked"]),
    )


def from_over(over: Mapping[str, datetime]) -> dict[str, str] | None:
    return {name: since.isoformat() for name, since in over.items()} or None


def to_over(kept: Mapping[str, str] | None) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(at) for name, at in (kept or {}).items()}


def _from_extra(each: Extra) -> list[Any]:
    trimmed = [list(units) for units in each.trimmed]
    return [each.name, each.many, _said(each.at), trimmed, _said(each.trimmed_at)]


def _to_extra(
    name: str, many: int, at: str, trimmed: list[list[Any]], trimmed_at: str | None
) -> Extra:
    units = tuple((capacity, number) for capacity, number in trimmed)
    return Extra(name, many, datetime.fromisoformat(at), units, _moment(trimmed_at))


def _from_locked(each: Locked) -> list[Any]:
    return [each.feature, _said(each.since), _said(each.gone_at), each.because]


def _to_locked(
    feature: str, since: str | None, gone_at: str | None, because: str | None
) -> Locked:
    return Locked(feature, _moment(since), _moment(gone_at), because)


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _moment(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None
