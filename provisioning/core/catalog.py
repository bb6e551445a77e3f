"""What is sold: packages and top-ups, as the operator wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from provisioning.core.account import Service
from provisioning.core.digest import digest
from provisioning.core.entitlements import Entitlements, times
from provisioning.core.money import Money
from provisioning.core.quotas import Allowance
from provisioning.core.terms import Terms


@dataclass(frozen=True, slots=True)
class FreeRule:
    """What becomes of free credit when it is granted anew."""

    reset: bool = False
    """What is left gives way to the new quota; else it is kept beside it."""

    cap: Money | None = None
    """Of what is kept, never more than this with the new quota."""

    every: int | None = None
    """Months between two grants of one paid period; else once per paid period (D23)."""

    @property
    def reckons(self) -> bool:
        """Whether it must be known how much of a balance is free credit."""
        return bool(self.reset or self.cap or self.every)


PERSISTS = FreeRule()


@dataclass(frozen=True, slots=True)
class Package:
    """A plan with an account behind it. *price* is a memo: no rule credits by it.

    *backend*: its name, or that of a group of several.
    """

    name: str
    backend: str
    price: Money
    cycle: str
    entitlements: Entitlements
    free_credit: Money | None = None
    """Granted once per paid period, or per interval of it."""

    free: FreeRule = field(default=PERSISTS)
    setup_fee: Money | None = None
    """Due once, with a new sign-up: a memo, as the price is."""

    addon: bool = False
    """Only on an account that has another: what it holds comes on top."""

    most_extra: Mapping[str, int] = field(default_factory=dict)
    """By capacity: the most that may be bought beside it; not named: any (C14)."""

    group: tuple[str, ...] = ()
    """The backends behind the name, where it is that of a group."""

    @property
    def reckons(self) -> bool:
        return bool(self.free_credit) and self.free.reckons

    @property
    def allowances(self) -> bool:
        """Whether it gives free minutes or the like."""
        return any(isinstance(v, Allowance) for v in self.entitlements.values())

    @property
    def backends(self) -> tuple[str, ...]:
        """Each of them may hold it."""
        return self.group or (self.backend,)

    def times(self, quantity: int) -> Package:
        """So many of it, on one account."""
        if quantity == 1:
            return self
        cap = self.free.cap and self.free.cap.times(quantity)
        return replace(
            self,
            entitlements=times(self.entitlements, quantity, pooled=not self.addon),
            free_credit=self.free_credit and self.free_credit.times(quantity),
            free=replace(self.free, cap=cap),
        )


@dataclass(frozen=True, slots=True)
class TopUp:
    """Credit sold apart. Three amounts that are never taken for one another."""

    name: str
    price: Money
    credit: Money
    """What the customer bought, in the backend's currency."""

    bonus: Money | None = None
    """What comes on top for free, in the same."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What of a catalog has versions: all that is sold, and by which terms."""

    packages: Mapping[str, Package]
    topups: Mapping[str, TopUp] = field(default_factory=dict)
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class Catalog:
    """An edition, and what goes with it as things are today: that has no versions."""

    packages: Mapping[str, Package]
    topups: Mapping[str, TopUp]
    currencies: Mapping[str, str]
    """Which currency each backend keeps its balances in."""

    retentions: Mapping[str, timedelta] = field(default_factory=dict)
    """How long each backend keeps an account on which everything has ended."""

    full: Mapping[str, int] = field(default_factory=dict)
    """With how many accounts a backend is full; those not named never are."""

    live_from: Mapping[str, datetime] = field(default_factory=dict)
    """From when on each source is ours: what was paid before is never granted."""

    terms: Terms = field(default_factory=Terms)
    older: Mapping[str, Edition] = field(default_factory=dict, compare=False)
    """By version: by which what was sold before goes on."""

    version: str = field(init=False, compare=False)
    """By content: the same terms are the same version, wherever they were read."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", digest(self.edition))

    @property
    def edition(self) -> Edition:
        """Which backends a group has is not a term of sale."""
        packages = {n: replace(p, group=()) for n, p in self.packages.items()}
        return Edition(packages, self.topups, self.terms)

    def sells_apart(self, name: str | None) -> bool:
        """Whether it is bought beside any package: a top-up, or a coupon."""
        return name in self.topups or name in self.terms.coupons

    def package_of(self, service: Service, name: str | None = None) -> Package | None:
        """A service's package, or the add-on of that name, by the terms it was sold by.

        What those did not sell was sold since, by those of today.
        """
        name = name or service.package
        sold_by = self.older.get(service.version or "")
        package = sold_by.packages.get(name) if sold_by else None
        return package or self.packages.get(name)

    def terms_of(self, service: Service) -> Terms:
        """The commercial terms it was sold by."""
        sold_by = self.older.get(service.version or "")
        return sold_by.terms if sold_by else self.terms
