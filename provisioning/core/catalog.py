"""What is sold: packages and top-ups, as the operator wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioning.core.digest import digest
from provisioning.core.entitlements import Entitlements
from provisioning.core.money import Money


@dataclass(frozen=True, slots=True)
class Package:
    """A plan with an account behind it. *price* is a memo: no rule credits by it."""

    name: str
    backend: str
    price: Money
    cycle: str
    entitlements: Entitlements
    free_credit: Money | None = None
    """Granted once per paid period; what is left of it persists."""


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
class Catalog:
    packages: Mapping[str, Package]
    topups: Mapping[str, TopUp]
    currencies: Mapping[str, str]
    """Which currency each backend keeps its balances in."""

    version: str = field(init=False, compare=False)
    """By content: the same terms are the same version, wherever they were read."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", digest(self))
