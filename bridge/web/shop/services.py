"""What a customer has: each service with its plan, its state and what comes next."""

from __future__ import annotations

from marshmallow import fields, validate

from bridge.access.customers import Right
from bridge.web.forms import Form
from bridge.web.shop.his import His, path
from bridge.web.shop.registry import shop
from bridge.web.shop.visit import Visit
from bridge.web.site import Page
from provisioning.core.account import Account, Service
from provisioning.core.status import Status

MOST = 25
"""Each is reckoned anew whenever it is looked at."""


class Part(Form):
    after = fields.String(load_default=None, validate=validate.Length(1, 200))


@shop.get("/services", may=Right.SEE, query=Part)
def services(visit: Visit) -> Page:
    """C16: all there are, the ended ones too and last; some at a time."""
    with visit.parts.database.read() as tx:
        found = visit.accounts(tx)
        sold = [(each, service) for each in found for service in each.services]
        sold.sort(key=lambda one: not one[1].alive)
        part = _part(sold, visit.told["after"])
        now = visit.parts.editions.now(tx, [service for _, service in sold])
    rows = [
        _row(His(account, service, now, visit.at, None))
        for account, service in part[:MOST]
    ]
    more = part[MOST - 1][1].ref if len(part) > MOST else None
    told = {"rows": rows, "more": more}
    return Page("services", visit.say("Your services"), told)


def _part(
    sold: list[tuple[Account, Service]], after: str | None
) -> list[tuple[Account, Service]]:
    """Those behind that one, and one more than are shown; else from the first."""
    names = [service.ref for _, service in sold]
    first = names.index(after) + 1 if after in names else 0
    return sold[first : first + MOST + 1]


def _row(mine: His) -> dict[str, object]:
    known = mine.status
    (status, _), panel, bought = known, mine.shown(known), mine.service.quantity
    return {
        "path": path(mine.ref),
        "package": mine.service.package,
        "alive": mine.service.alive,
        "status": status.value,
        "bought": bought,
        # As many as were bought are there, once the backend has it as it should be.
        "activated": 0 if status is Status.INACTIVE else bought,
        "cycle": panel.choice.cycle if panel else "",
        "expires": mine.ends or mine.until,
        "coming": panel.coming if panel else None,
    }
