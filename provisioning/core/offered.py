"""What a package is for one customer: with the tariff of his group's offer (I3)."""

from __future__ import annotations

from provisioning.core.catalog import Package
from provisioning.core.entitlements import Entitlements
from provisioning.core.terms import Terms


def offered(
    package: Package, quantity: int, group: str | None, terms: Terms
) -> Entitlements:
    """So many of it, by the offer for that group from that number on."""
    limits = package.times(quantity).entitlements
    tariff = terms.tariff(package.name, group, quantity)
    return {**limits, "tariff": tariff} if tariff else limits
