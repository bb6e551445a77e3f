"""What a customer is shown of a plan (P2), with all that acts on it now."""

from __future__ import annotations

from datetime import datetime

from provisioning.core import acting
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.panel import Panel, panel
from provisioning.core.status import Reason, Status
from provisioning.core.subscribed import lists, subscribed


def shown(
    account: Account,
    sold: Service,
    catalog: Catalog,
    status: tuple[Status, Reason | None],
    at: datetime,
) -> Panel | None:
    """None of a package that nobody knows any more."""
    _, prices = lists(sold, sold.package, catalog, account.group)
    if sold.package not in prices.packages:
        return None
    has = subscribed(sold, prices, at, account.trial(sold.ref))
    until = acting.along(account, sold, catalog).paid_until
    return panel(sold, has, prices, status, until)
