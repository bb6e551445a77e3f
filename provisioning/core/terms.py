"""The commercial side of what is sold: ladders, cycles, groups, coupons, umbrellas.

Everything here is written by the operator and the same for all customers. What one
customer has of it is in `timeline` and `coupons`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from provisioning.core.money import Money


@dataclass(frozen=True, slots=True)
class Family:
    """Plans that are steps of one ladder: a subscription moves among them."""

    name: str
    of: str | None = None
    """The main family a dependent one hangs on; None: it is a main one itself."""

    free: str | None = None
    """Its plan that costs nothing, where it has one."""

    trial: timedelta | None = None
    """How long it may be tried, once per account (D14)."""

    seats: bool = False
    """Sold by accounts (seats): each longer cycle must have a higher discount (P11)."""

    downgrades: bool = True
    """Whether a customer may move down by himself; else an admin approves (I11)."""

    approval: bool = False
    """Whether every change waits for an admin (I11)."""

    @property
    def main(self) -> bool:
        return self.of is None


@dataclass(frozen=True, slots=True)
class Offer:
    """A price, and maybe a tariff, for some customers or from some quantity on (I3)."""

    price: Money
    """Of one, for the plan's own cycle, before the cycle discount."""

    tariff: str | None = None
    group: str | None = None
    """The customer group it is for; None: for all."""

    least: int = 1
    """From which quantity on."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a plan is beside its entitlements: its step, and what it costs whom."""

    family: str
    rank: int
    """A lower number is better."""

    discounts: Mapping[str, Decimal] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """By cycle it may be bought for, beside its own: percent off, 0 to 100."""

    offers: tuple[Offer, ...] = ()
    minimum: int = 1
    """The fewest seats it is sold with."""


class Mode(StrEnum):
    """What a coupon does to the term (D1)."""

    EXTEND = "extend"
    """What it pushes aside resumes after it: the end moves."""

    OVERLAY = "overlay"
    """Limits rise for a while, the term stays."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to use a coupon: to a rank or so many up, for so long (B8, B11)."""

    lasts: timedelta
    rank: int | None = None
    up: int | None = None


@dataclass(frozen=True, slots=True)
class CouponKind:
    """*families*: where it may be used (B1)."""

    name: str
    families: tuple[str, ...]
    variants: tuple[Variant, ...]
    mode: Mode = Mode.EXTEND
    spoils: bool = False
    """Whether it must be activated before the month it was given in is over (B10)."""

    nested: bool = False
    """Whether it may be activated while another coupon runs (D2)."""

    price: Money | None = None
    """What it costs as an e-good; None: it is only given."""


@dataclass(frozen=True, slots=True)
class Umbrella:
    """A floor under every plan of an account: as if each were at least that rank."""

    name: str
    rank: int
    families: tuple[str, ...] = ()
    """Which it covers; none named: all."""


@dataclass(frozen=True, slots=True)
class Dunning:
    """What happens around a due date where nothing is paid (D27)."""

    remind: tuple[timedelta, ...] = (
        timedelta(days=7), timedelta(days=3), timedelta(days=1),
    )  # fmt: skip
    """Before it."""

    suspend: timedelta | None = timedelta(days=3)
    """After it; None: never for that."""

    revoke: timedelta = timedelta(days=14)
    """After it, the N days of I9."""

    since: datetime | None = None
    """What was due before then counts from then: nobody is revoked by its start."""


@dataclass(frozen=True, slots=True)
class Grace:
    """How far a customer's promise to pay is believed (S6)."""

    debt: Money
    """Of a higher debt no promise is taken."""

    longest: timedelta = timedelta(days=7)
    debts: tuple[Money, ...] = ()
    """The same in other currencies; in any that is not said none is taken."""

    def most(self, currency: str) -> Money | None:
        return {each.currency: each for each in self.bounds}.get(currency)

    @property
    def bounds(self) -> tuple[Money, ...]:
        return (self.debt, *self.debts)


@dataclass(frozen=True, slots=True)
class Terms:
    """*ladders*: by package; one without a ladder is sold as it is, and only that."""

    families: Mapping[str, Family] = field(default_factory=dict)
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    coupons: Mapping[str, CouponKind] = field(default_factory=dict)
    umbrellas: Mapping[str, Umbrella] = field(default_factory=dict)
    zone: str = "UTC"
    """Whose calendar ends a month (D4), and names due dates."""

    dunning: Mapping[str, Dunning] = field(default_factory=dict)
    """By source, of those we dun for; for any other its platform does (D27)."""

    grace: Grace | None = None
    """None: no promise is taken."""

    def family_of(self, package: str) -> Family | None:
        ladder = self.ladders.get(package)
        return self.families.get(ladder.family) if ladder else None

    @property
    def groups(self) -> tuple[str, ...]:
        """The customer groups that any offer is for."""
        offers = (offer for ladder in self.ladders.values() for offer in ladder.offers)
        return tuple(sorted({offer.group for offer in offers if offer.group}))

    def offer(self, package: str, group: str | None, quantity: int) -> Offer | None:
        """The most particular one: for the customer's own group, then the highest step
        reached; None, where it is sold as listed."""
        ladder = self.ladders.get(package)
        fitting = [
            offer
            for offer in (ladder.offers if ladder else ())
            if offer.group in {None, group} and offer.least <= quantity
        ]
        own = [offer for offer in fitting if offer.group is not None]
        return max(own or fitting, key=lambda offer: offer.least, default=None)

    def tariff(self, package: str, group: str | None, quantity: int) -> str | None:
        """That of the offer; None, where it is the package's own (I3)."""
        offer = self.offer(package, group, quantity)
        return offer.tariff if offer else None

    def at_rank(self, family: str, rank: int) -> str | None:
        """The package of that step, where the ladder has one."""
        return next(
            (
                name
                for name, ladder in self.ladders.items()
                if (ladder.family, ladder.rank) == (family, rank)
            ),
            None,
        )
