"""Switching a coupon on: where it may be, what it becomes there, and what it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from provisioning.core.account import Service
from provisioning.core.catalog import Catalog
from provisioning.core.coupons import Coupon, why_not_yours, why_unusable
from provisioning.core.sentences import Sentence, minute, say
from provisioning.core.splice import Activation
from provisioning.core.standing import Rung, Standing
from provisioning.core.terms import CouponKind, Mode, Terms, Variant
from provisioning.core.timebank import mode


@dataclass(frozen=True, slots=True)
class Ground:
    """What is sold, and the backend it would have to be on."""

    terms: Terms
    catalog: Catalog
    backend: str


@dataclass(frozen=True, slots=True)
class Step:
    """What a coupon becomes on a service (B9)."""

    package: str
    rank: int
    mode: Mode
    note: Sentence | None
    """What the customer should know before: to be shown in the preview (D25)."""


@dataclass(frozen=True, slots=True)
class Way:
    """One variant of a coupon, and what it becomes, or why it may not."""

    variant: Variant
    becomes: Step | Sentence


@dataclass(frozen=True, slots=True)
class Fit:
    """What a coupon of a kind can do on a service (B1)."""

    service: str
    ways: tuple[Way, ...]
    why_not: Sentence | None
    """Where it can do nothing there."""


@dataclass(frozen=True, slots=True)
class Stock:
    """So many of a kind, and where they may be used (B1)."""

    kind: CouponKind
    coupons: tuple[Coupon, ...]
    fits: tuple[Fit, ...]

    @property
    def count(self) -> int:
        return len(self.coupons)


@dataclass(frozen=True, slots=True)
class Activated:
    coupon: Coupon
    """Spent."""

    activation: Activation
    note: Sentence | None


def stock(
    coupons: Iterable[Coupon],
    services: tuple[Standing, ...],
    ground: Ground,
    at: datetime,
) -> tuple[Stock, ...]:
    """What an account has that can still be used, by kind."""
    usable = [c for c in coupons if not why_unusable(c, ground.terms, at)]
    found = []
    for name in dict.fromkeys(coupon.kind for coupon in usable):
        kind = ground.terms.coupons[name]
        of_it = tuple(c for c in usable if c.kind == name)
        fits = tuple(fit(kind, stands, ground) for stands in services)
        found.append(Stock(kind, of_it, fits))
    return tuple(found)


def fit(kind: CouponKind, stands: Standing, ground: Ground) -> Fit:
    ref, rung = stands.service.ref, stands.rung
    if rung is None or rung.family.name not in kind.families:
        return Fit(ref, (), _other_type(kind, stands))
    unfit = next(_unfit(kind, stands), None)
    if unfit:
        return Fit(ref, (), unfit)
    ways = tuple(Way(v, _becomes(kind, v, stands, rung, ground)) for v in kind.variants)
    refused = [way.becomes for way in ways if isinstance(way.becomes, Sentence)]
    return Fit(ref, ways, refused[0] if len(refused) == len(ways) else None)


def activate(
    coupon: Coupon,
    account: str,
    stands: Standing,
    ground: Ground,
    variant: int | None = None,
) -> Activated | Sentence:
    """A sentence: it may not, and nothing is spent.

    *account*: whose wish it is, and whose service. *variant*: counted from 1.
    """
    no = why_not_yours(coupon, account)
    no = no or why_unusable(coupon, ground.terms, stands.at)
    if no:
        return no
    kind = ground.terms.coupons[coupon.kind]
    fits = fit(kind, stands, ground)
    if fits.why_not:
        return fits.why_not
    way = _chosen(fits.ways, variant)
    if way is None:
        return say("coupon_choose", kind=kind.name, most=len(kind.variants))
    step = way.becomes
    if isinstance(step, Sentence):
        return step
    activation = Activation(
        coupon.id,
        stands.service.ref,
        stands.at,
        way.variant.lasts,
        step.package,
        step.rank,
        step.mode,
    )
    return Activated(replace(coupon, fate=activation), activation, step.note)


def _chosen(ways: tuple[Way, ...], variant: int | None) -> Way | None:
    """Where there is only one way nobody has to choose (B12)."""
    no = 1 if variant is None and len(ways) == 1 else variant or 0
    return ways[no - 1] if 0 < no <= len(ways) else None


def _unfit(kind: CouponKind, stands: Standing) -> Iterator[Sentence]:
    """Why it may not be used there now, whichever way."""
    service = stands.service
    if not service.alive:
        yield say("coupon_ended", service=service.ref)
    if stands.holds:
        holds = ", ".join(stands.holds)
        yield say("coupon_suspended", service=service.ref, holds=holds)
    if stands.running and not kind.nested:
        runs, until = stands.running[-1].coupon, minute(stands.until)
        yield say("coupon_runs", coupon=runs, until=until)


def _other_type(kind: CouponKind, stands: Standing) -> Sentence:
    package, families = stands.base.sold.package, ", ".join(kind.families)
    return say("coupon_other_type", package=package, families=families)


def _becomes(
    kind: CouponKind, variant: Variant, stands: Standing, rung: Rung, ground: Ground
) -> Step | Sentence:
    """What the coupon is worth there now; a sentence where that is nothing."""
    rank = rung.rank - (variant.up or 0) if variant.rank is None else variant.rank
    package = ground.terms.at_rank(rung.family.name, rank)
    if package is None:
        return _no_step(rank, rung.family.name, ground.terms)
    how, note = mode(kind.mode, stands.renewal, stands.base.why)
    # One that leaves the term alone would run out unseen beside one as good (D5).
    beside = stands.running if how is Mode.OVERLAY else ()
    has = min((rung.rank, *(c.rank for c in beside)))
    if rank >= has:
        return say("coupon_not_better", rank=rank, has=has)
    if not _is_there(stands.service, package, ground):
        return say("coupon_elsewhere", package=package)
    return Step(package, rank, how, note)


def _no_step(rank: int, family: str, terms: Terms) -> Sentence:
    best = min(step.rank for step in terms.ladders.values() if step.family == family)
    if rank < best:
        return say("coupon_above_best", rank=rank, family=family, best=best)
    return say("coupon_no_rank", rank=rank, family=family)


def _is_there(service: Service, package: str, ground: Ground) -> bool:
    """Whether the account's own backend may hold it."""
    known = ground.catalog.package_of(service, package)
    return known is not None and ground.backend in known.backends
