"""One way to write values down, so that what is the same has the same digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from provisioning.core.money import text


def digest(value: object) -> str:
    return hashlib.sha256(written(value).encode()).hexdigest()


def written(value: object) -> str:
    """As JSON: no spaces, keys in order, kinds by name, amounts as people write.

    What is as it always was is left out: a field that is added later, with a default,
    makes nothing another that was written before. `reading` reads it back.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    """What JSON has words for. TypeError for what nobody thought of."""
    match value:
        case None | bool() | int() | str():
            return value
        case Mapping():
            return {str(key): _plain(part) for key, part in value.items()}
        case tuple() | list():
            return [_plain(part) for part in value]
    if is_dataclass(value):
        told = ((f, getattr(value, f.name)) for f in fields(value) if f.compare)
        parts = {f.name: part for f, part in told if part != usual(f)}
        return [type(value).__name__, _plain(parts)]
    return _said(value)


def usual(of: Field[Any]) -> Any:
    """What it is where nothing is said; MISSING, where it has to be."""
    return of.default if of.default_factory is MISSING else of.default_factory()


def _said(value: object) -> str | int:
    match value:
        case Decimal():
            return text(value)
        case datetime():
            return value.isoformat()
        case timedelta():
            return value // timedelta(microseconds=1)
    raise TypeError(f"{type(value).__name__} has no way to be written down")
