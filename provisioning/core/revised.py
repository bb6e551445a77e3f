"""What two editions of a catalog say otherwise, place by place, as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from decimal import Decimal

from provisioning.core.catalog import Edition
from provisioning.core.digest import usual
from provisioning.core.money import Money


@dataclass(frozen=True, slots=True)
class Difference:
    """One place, as in the file; None, where there was or is nothing."""

    at: str
    was: str | None
    now: str | None

    @property
    def package(self) -> str | None:
        """The package it is about, where it is about one."""
        table, _, rest = self.at.partition(".")
        return rest.rpartition(".")[0].split(".")[0] if table == "packages" else None


def differences(was: Edition | None, now: Edition) -> tuple[Difference, ...]:
    """Nothing that has a version is left out: every field is looked at."""
    before, after = told(was) if was else {}, told(now)
    places = dict.fromkeys((*before, *after))
    return tuple(
        Difference(at, before.get(at), after.get(at))
        for at in places
        if before.get(at) != after.get(at)
    )


def told(edition: Edition) -> dict[str, str]:
    """All it says, by place. A plan's ladder is said in its package's table."""
    terms = edition.terms
    tables = (
        ("packages", edition.packages),
        ("packages", terms.ladders),
        ("topups", edition.topups),
        ("families", terms.families),
        ("coupons", terms.coupons),
        ("umbrellas", terms.umbrellas),
        ("zone", terms.zone),
        ("dunning", terms.dunning),
        *((("grace", terms.grace),) if terms.grace else ()),
    )
    return {at: text for name, table in tables for at, text in _told(name, table)}


def _told(at: str, value: object) -> Iterator[tuple[str, str]]:
    """Down to what is one value and not as usual; its own name is in the place."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _told(f"{at}.{key}", part)
    elif isinstance(value, tuple) and any(map(is_dataclass, value)):
        for no, part in enumerate(value):
            yield from _told(f"{at}.{no}", part)
    elif is_dataclass(value) and not isinstance(value, Money):
        said = [
            told
            for field in fields(value)
            if (part := getattr(value, field.name)) != usual(field)
            for told in _told(_place(at, field.name), part)
            if field.name != "name"
        ]
        yield from said or [(at, "as usual")]
    else:
        yield at, _text(value)


def _place(at: str, field: str) -> str:
    """What a package entitles to stands in its own table."""
    return at if field == "entitlements" else f"{at}.{field}"


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value.normalize():f} %"
        case timedelta():
            return _lasting(value)
        case tuple():
            return ", ".join(map(_text, value))
        case None:
            return "never"
    return str(value)


def _lasting(time: timedelta) -> str:
    """As it is written in the file, in the greatest unit it is whole in."""
    for unit, name in ((timedelta(days=1), "d"), (timedelta(hours=1), "h")):
        if not time % unit:
            return f"{time // unit}{name}"
    return f"{time // timedelta(minutes=1)}m"
