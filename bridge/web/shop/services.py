"""What a customer has: each service with its plan, its state and what comes next."""

from __future__ import annotations

from bridge.access.customers import Right
from bridge.web.shop.his import His, path
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Page
from provisioning.core.status import Status


@shop.get("/services", may=Right.SEE)
def services(visit: Visit) -> Page:
    """C16: all there are, the ended ones too."""
    with visit.parts.database.read() as tx:
        found = visit.accounts(tx)
        sold = [service for account in found for service in account.services]
        now = visit.parts.editions.now(tx, sold)
    rows = [
        _row(His(account, service, now, visit.at, None))
        for account in found
        for service in account.services
    ]
    rows.sort(key=lambda row: not row["alive"])
    return Page("services", visit.say("Your services"), {"rows": rows})


def _row(mine: His) -> dict[str, object]:
    status, _ = mine.status
    panel, bought = mine.panel, mine.service.quantity
    return {
        "path": path(mine.ref),
        "package": mine.service.package,
        "alive": mine.service.alive,
        "status": status.value,
        "bought": bought,
        # As many as were bought are there, once the backend has it as it should be.
        "activated": 0 if status is Status.INACTIVE else bought,
        "cycle": panel.choice.cycle if panel else "",
        "price": panel.price if panel else None,
        "expires": mine.ends or mine.until,
        "coming": panel.coming if panel else None,
    }
