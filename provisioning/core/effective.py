"""What a service may use at a moment, and what each of its limits is made of.

Each limit is the better of the plan, an umbrella over it and the coupons that run: of
what counts, the more; of what replaces (the tariff), the one of the better rank; of
what is a list (the features), all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from sys import maxsize
from typing import Any

from provisioning.core.bought import taken
from provisioning.core.catalog import Catalog, Package
from provisioning.core.entitlements import (
    ALL,
    Combine,
    Entitlement,
    Entitlements,
    add,
    unite,
)
from provisioning.core.entitlements import replace as instead
from provisioning.core.offered import offered
from provisioning.core.quotas import Allowance
from provisioning.core.splice import Why
from provisioning.core.standing import Standing
from provisioning.core.terms import Terms


class From(StrEnum):
    PLAN = "plan"
    GRACE = "grace"
    """The plan, though it is not paid for at that moment."""

    SEATS = "seats"
    ADDON = "addon"
    TRIMMED = "trimmed"
    """Of what was bought: above what the plan allows (C14)."""

    UMBRELLA = "umbrella"
    COUPON = "coupon"


UNCOMPARED = maxsize
"""The rank of what is on no step of the plan's ladder."""

SOLD = {From.PLAN, From.GRACE}


@dataclass(frozen=True, slots=True)
class Source:
    """*name*: the package's, the umbrella's, or the coupon's id."""

    what: From
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Limit:
    """What counts is the sum of its sources; what replaces has one."""

    name: str
    value: Any
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """Limits a service has, and by what right."""

    what: From
    name: str
    limits: Mapping[str, Any]
    rank: int = UNCOMPARED
    """A lower number is better."""


def entitlement(
    stands: Standing, catalog: Catalog, terms: Terms
) -> Entitlements | None:
    """None: a package of it is gone from the catalog, and nobody knows what it may."""
    limits = explain(stands, catalog, terms)
    return None if limits is None else {limit.name: limit.value for limit in limits}


def explain(
    stands: Standing, catalog: Catalog, terms: Terms
) -> tuple[Limit, ...] | None:
    """The limits as they stand, each with its sources; None: likewise."""
    acts, extras = tuple(_acting(stands, terms)), stands.service.extras
    sold, named = stands.base.sold, (*(a[2] for a in acts), *(e[0] for e in extras))
    known = {n: p for n in named if (p := catalog.package_of(stands.service, n))}
    if not {sold.package, *(name for name, _ in extras)} <= known.keys():
        return None
    group, many = stands.group, sold.quantity
    layers = tuple(
        Layer(what, name, _limits(what, known[package], terms, group, many), rank)
        for what, name, package, rank in acts
        # What a coupon became may be gone since: then the plan is as it was.
        if package in known
    )
    addons = tuple(
        Layer(From.ADDON, name, offered(known[name], number, group, terms))
        for name, number in extras
    )
    if off := taken(stands.service, catalog):
        less = {name: -units for name, units in off.items()}
        addons = (*addons, Layer(From.TRIMMED, sold.package, less))
    names = dict.fromkeys(name for layer in (*layers, *addons) for name in layer.limits)
    return tuple(_limit(name, layers, sold.quantity, addons) for name in names)


def packages(stands: Standing, terms: Terms) -> tuple[str, ...]:
    """Its plan, and those that act over it."""
    return tuple(dict.fromkeys(package for _, _, package, _ in _acting(stands, terms)))


def _acting(stands: Standing, terms: Terms) -> Iterator[tuple[From, str, str, int]]:
    """Each with its package and rank; the plan first, it is named where all are equal.

    A coupon of another ladder than the plan's is of no better rank, nor of a worse.
    """
    rung, package = stands.rung, stands.base.sold.package
    family = rung.family.name if rung else ""
    what = From.GRACE if stands.base.why is Why.GRACE else From.PLAN
    yield what, package, package, rung.own if rung else UNCOMPARED
    if rung and rung.umbrella:
        step = terms.at_rank(family, rung.umbrella.rank) or ""
        yield From.UMBRELLA, rung.umbrella.name, step, rung.umbrella.rank
    for coupon in stands.running:
        of = terms.family_of(coupon.package)
        rank = coupon.rank if of and of.name == family else UNCOMPARED
        yield From.COUPON, coupon.coupon, coupon.package, rank


def _limit(
    name: str, layers: tuple[Layer, ...], quantity: int, addons: tuple[Layer, ...]
) -> Limit:
    row = ALL[name]
    layers = tuple(layer for layer in layers if name in layer.limits)
    own = tuple(_source(layer, name) for layer in _CHOICE[row.combine](name, layers))
    more = tuple(_source(addon, name) for addon in addons if name in addon.limits)
    sources = own + _seats(row, own, quantity) + more
    value = reduce(row.combine, (source.value for source in sources))
    return Limit(name, value, sources[-1:] if row.combine is instead else sources)


def _limits(
    what: From, package: Package, terms: Terms, group: str | None, quantity: int
) -> Mapping[str, Any]:
    """What is given anew each period is no limit: only what is sold gives it (D24)."""
    tariff = terms.tariff(package.name, group, quantity)
    limits = {
        name: value
        for name, value in package.entitlements.items()
        if what in SOLD or not isinstance(value, Allowance)
    }
    return limits | ({"tariff": tariff} if tariff else {})


def _seats(
    row: Entitlement, own: tuple[Source, ...], quantity: int
) -> tuple[Source, ...]:
    """What the further seats bring, where they bring anything."""
    if row.combine is not add or row.pooled or quantity == 1:
        return ()
    return tuple(
        replace(one, what=From.SEATS, value=one.value * (quantity - 1)) for one in own
    )


def _most(name: str, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The first of the greatest. What is given anew has one, and is not compared."""
    found: tuple[Layer, ...] = ()
    for layer in layers:
        if not found or layer.limits[name] > found[0].limits[name]:
            found = (layer,)
    return found


def _best(_name: str, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    return tuple(sorted(layers, key=lambda layer: layer.rank)[:1])


def _all(_name: str, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    return layers


_CHOICE: Mapping[Combine, Callable[[str, tuple[Layer, ...]], tuple[Layer, ...]]] = {
    add: _most,
    instead: _best,
    unite: _all,
}
"""Which of them count, by how two services add up."""


def _source(layer: Layer, name: str) -> Source:
    return Source(layer.what, layer.name, layer.limits[name])
