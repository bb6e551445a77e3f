"""What is sold, as it is written: packages, what they entitle to, and top-ups."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from bridge.config.commerce import OfferTable
from bridge.config.written import Percent, Price, Strict
from provisioning.core.entitlements import CAPACITIES, LARGEST, SOLD, Entitlement
from provisioning.core.period import CYCLES
from provisioning.core.quotas import Allowance

EVERY = validate.OneOf([name for name, months in CYCLES.items() if months])

NAME = validate.Regexp(
    r"[a-z][a-z0-9_-]*\Z",
    error="write small letters, digits, - and _, as in call-blast",
)


class PackageOnly(Strict):
    """A package's table without what it entitles to, which is told by rows."""

    backend = fields.String(load_default=None)
    price = Price(required=True)
    cycle = fields.String(required=True, validate=validate.OneOf(list(CYCLES)))
    addon = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    free_credit = Price(load_default=None)
    free_after = fields.String(
        load_default="persist", validate=validate.OneOf(["persist", "reset"])
    )
    free_cap = Price(load_default=None)
    free_every = fields.String(load_default=None, validate=EVERY)
    setup_fee = Price(load_default=None)
    most_extra = fields.Dict(
        fields.String(validate=validate.OneOf(CAPACITIES)),
        fields.Integer(strict=True, validate=validate.Range(0, LARGEST)),
        load_default=dict,
    )
    family = fields.String(load_default=None)
    rank = fields.Integer(load_default=None, strict=True, validate=validate.Range(1))
    minimum = fields.Integer(load_default=1, strict=True, validate=validate.Range(1))
    discounts = fields.Dict(
        fields.String(validate=validate.OneOf(list(CYCLES))),
        Percent(),
        load_default=dict,
    )
    offers = fields.List(fields.Nested(OfferTable), load_default=list)
    floor = Price(load_default=None)

    @validates_schema
    def fits(self, table: dict[str, Any], **_: Any) -> None:
        self._is_whole(table)
        ruled = [key for key in ("free_cap", "free_every") if table[key]]
        ruled += ["free_after"] if table["free_after"] == "reset" else []
        if ruled and not table["free_credit"]:
            raise ValidationError("goes with free_credit; set it too", ruled[0])
        if table["free_after"] == "reset" and table["free_cap"]:
            raise ValidationError(
                "is for what persists; a reset is its own cap: leave one out",
                "free_cap",
            )

    def _is_whole(self, table: dict[str, Any]) -> None:
        """An add-on is something on top; a package is an account."""
        if not table["addon"]:
            for row in SOLD.values():
                if row.required and table[row.name] is None:
                    raise ValidationError("Missing data for required field.", row.name)
            return
        for key in ("free_credit", "setup_fee", "most_extra"):
            if table[key]:
                raise ValidationError("is not for an add-on; leave it out", key)


class AllowanceTable(Strict):
    """Free minutes, messages or pages: so many each time, and what then becomes of
    those that are left."""

    quota = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, LARGEST)
    )
    after = fields.String(
        load_default="persist", validate=validate.OneOf(["persist", "reset"])
    )
    cap = fields.Integer(
        load_default=None, strict=True, validate=validate.Range(1, LARGEST)
    )
    every = fields.String(load_default=None, validate=EVERY)

    @validates_schema
    def fits(self, table: dict[str, Any], **_: Any) -> None:
        if table["cap"] is None:
            return
        if table["after"] == "reset":
            raise ValidationError(
                "is for what persists; a reset is its own cap: leave one out", "cap"
            )
        if table["cap"] < table["quota"]:
            raise ValidationError("must not be less than the quota", "cap")

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Allowance:
        every = CYCLES[table["every"]] if table["every"] else None
        return Allowance(table["quota"], table["after"] == "reset", table["cap"], every)


class Features(fields.List[str]):
    """Names, each once and in order: two that hold the same are the same."""

    def _deserialize(self, value: Any, *args: Any, **more: Any) -> Any:
        return tuple(sorted(set(super()._deserialize(value, *args, **more))))


def _field(row: Entitlement) -> fields.Field[Any]:
    most = validate.Range(row.least, row.most)
    kinds: dict[type, fields.Field[Any]] = {
        int: fields.Integer(load_default=None, strict=True, validate=most),
        str: fields.String(load_default=None),
        tuple: Features(fields.String(validate=NAME), load_default=None),
        Allowance: fields.Nested(AllowanceTable, load_default=None),
    }
    return kinds[row.type]


PackageTable = PackageOnly.from_dict({row.name: _field(row) for row in SOLD.values()})


class TopUpTable(Strict):
    price = Price(required=True)
    floor = Price(load_default=None)
    credit = Price(required=True)
    bonus = Price(load_default=None)
