"""What a customer has: each service with its plan, its state and what comes next."""

from __future__ import annotations

from typing import Any

from bridge import panels
from bridge.access.customers import Right
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Page


@shop.get("/services", may=Right.SEE)
def services(visit: Visit) -> Page:
    """C16: all there are, the ended ones too."""
    with visit.parts.database.read() as tx:
        found = visit.accounts(tx)
        sold = [service for account in found for service in account.services]
        now = visit.parts.editions.now(tx, sold)
    rows: list[dict[str, Any]] = [
        panels.seen(account, each, now, visit.at, live=account.remote is not None)
        for account in found
        for each in account.services
    ]
    return Page("services", visit.say("Your services"), {"rows": rows})
