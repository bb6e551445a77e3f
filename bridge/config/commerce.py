"""Families, coupons and umbrellas as they are written, and what they are made into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from bridge.config.written import Lasting, Price, Strict
from provisioning.core.period import CYCLES
from provisioning.core.terms import (
    CouponKind,
    Family,
    Ladder,
    Mode,
    Offer,
    Terms,
    Umbrella,
    Variant,
)


def _flag(*, usual: bool) -> fields.Boolean:
    return fields.Boolean(load_default=usual, truthy={True}, falsy={False})


def _rank() -> fields.Integer:
    return fields.Integer(load_default=None, strict=True, validate=validate.Range(1))


class FamilyTable(Strict):
    of = fields.String(load_default=None)
    free = fields.String(load_default=None)
    trial = Lasting(load_default=None)
    seats = _flag(usual=False)
    downgrades = _flag(usual=True)
    approval = _flag(usual=False)


class OfferTable(Strict):
    price = Price(required=True)
    tariff = fields.String(load_default=None)
    group = fields.String(load_default=None, validate=validate.Length(min=1))
    least = fields.Integer(load_default=1, strict=True, validate=validate.Range(1))


class VariantTable(Strict):
    lasts = Lasting(required=True)
    rank = _rank()
    up = _rank()

    @validates_schema
    def fits(self, table: dict[str, Any], **_: Any) -> None:
        if (table["rank"] is None) == (table["up"] is None):
            raise ValidationError(
                "say to which rank (rank = 12), or how many ranks up (up = 2)", "rank"
            )


class CouponTable(Strict):
    families = fields.List(
        fields.String(), required=True, validate=validate.Length(min=1)
    )
    variants = fields.List(
        fields.Nested(VariantTable), required=True, validate=validate.Length(min=1)
    )
    mode = fields.String(
        load_default=Mode.EXTEND.value,
        validate=validate.OneOf([mode.value for mode in Mode]),
    )
    spoils = _flag(usual=False)
    nested = _flag(usual=False)
    price = Price(load_default=None)


class UmbrellaTable(Strict):
    rank = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    families = fields.List(fields.String(), load_default=list)


def terms(read: Mapping[str, Any]) -> Terms:
    """Of tables in which nothing is wrong."""
    return Terms(
        families={n: Family(n, **table) for n, table in read["families"].items()},
        ladders={
            name: _ladder(table)
            for name, table in read["packages"].items()
            if table["family"]
        },
        coupons={n: _coupon(n, table) for n, table in read["coupons"].items()},
        umbrellas={
            name: Umbrella(name, table["rank"], tuple(table["families"]))
            for name, table in read["umbrellas"].items()
        },
        zone=read["zone"],
        dunning=read["dunning"],
        grace=read["grace"],
    )


def _ladder(table: Mapping[str, Any]) -> Ladder:
    discounts = table["discounts"]
    return Ladder(
        family=table["family"],
        rank=table["rank"],
        discounts={cycle: discounts[cycle] for cycle in CYCLES if cycle in discounts},
        offers=tuple(Offer(**offer) for offer in table["offers"]),
        minimum=table["minimum"],
    )


def _coupon(name: str, table: Mapping[str, Any]) -> CouponKind:
    own = {
        "families": tuple(table["families"]),
        "variants": tuple(Variant(**variant) for variant in table["variants"]),
        "mode": Mode(table["mode"]),
    }
    return CouponKind(name, **{**table, **own})
