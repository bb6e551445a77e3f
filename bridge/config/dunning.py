"""Whom we dun ourselves, and how far a promise to pay is believed: as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from bridge.config.written import Lasting, Moment, Price, Strict, meant
from provisioning.core.money import Money
from provisioning.core.terms import Dunning, Grace

USUAL = Dunning()
NEVER = "never"


class Unless(Lasting):
    """A time that lasts, or that it is not done at all."""

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> Any:
        return None if value == NEVER else super()._deserialize(value, *rest, **more)


class DunningTable(Strict):
    remind = fields.List(Lasting(), load_default=lambda: list(USUAL.remind))
    suspend = Unless(load_default=USUAL.suspend)
    revoke = Lasting(load_default=USUAL.revoke)
    since = Moment(
        required=True,
        error_messages={
            "required": "write since when, as 2026-12-01T00:00:00Z: what was due before"
            " counts from then, so that nobody is ended by the table's first day"
        },
    )

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Dunning:
        # The earliest first, whichever way it is written: it is one set of days.
        remind = tuple(sorted(set(table["remind"]), reverse=True))
        return Dunning(remind, table["suspend"], table["revoke"], table["since"])


class Debts(fields.Field[tuple[Money, ...]]):
    """One sum, or one of each currency."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[Money, ...]:
        one: Any = Price()
        if not isinstance(value, list):
            return (one.deserialize(value),)
        several: Any = fields.List(one, validate=validate.Length(min=1))
        each = several.deserialize(value)
        currencies = [money.currency for money in each]
        if twice := {name for name in currencies if currencies.count(name) > 1}:
            raise ValidationError(
                f"{min(twice)} is there twice; write one sum of each currency"
            )
        return tuple(each)


class GraceTable(Strict):
    debt = Debts(required=True)
    longest = Lasting(
        load_default=timedelta(days=7),
        validate=validate.Range(max=timedelta(days=60), error="at most 60 days: 60d"),
    )

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Grace:
        first, *others = table["debt"]
        return Grace(first, table["longest"], tuple(others))


def faults(read: Mapping[str, Any]) -> list[str]:
    """What of it does not fit the other tables, or itself; as much as could be read."""
    return [fault for rule in (_sources, _order) for fault in rule(read)]


def _sources(read: Mapping[str, Any]) -> Iterator[str]:
    known = read.get("sources", {})
    for name in read.get("dunning", {}):
        if name not in known:
            slip = meant(name, known) or f"; choose one of: {', '.join(known)}"
            yield f'dunning.{name}: there is no source "{name}"{slip}'


def _order(read: Mapping[str, Any]) -> Iterator[str]:
    for name, ours in read.get("dunning", {}).items():
        if not isinstance(ours, Dunning) or ours.suspend is None:
            continue
        if ours.revoke <= ours.suspend:
            yield (
                f"dunning.{name}.revoke: {_days(ours.revoke)} is not after suspend,"
                f" {_days(ours.suspend)}; let it be later, or leave one out"
            )


def _days(time: timedelta) -> str:
    return f"{time / timedelta(days=1):g} days"
