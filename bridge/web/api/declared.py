"""Every call there is: importing them declares them."""

from bridge.web.api import (
    accounts,
    adoptions,
    batches,
    catalog,
    changes,
    described,
    events,
    floats,
    helping,
    ledger,
    me,
    money,
    operating,
    reconciliations,
    shops,
    used,
)
from bridge.web.api.registry import about, api, every

__all__ = [
    "about",
    "accounts",
    "adoptions",
    "api",
    "batches",
    "catalog",
    "changes",
    "described",
    "events",
    "every",
    "floats",
    "helping",
    "ledger",
    "me",
    "money",
    "operating",
    "reconciliations",
    "shops",
    "used",
]
