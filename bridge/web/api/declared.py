"""Every call there is: importing them declares them."""

from bridge.web.api import (
    accounts,
    batches,
    catalog,
    described,
    events,
    helping,
    ledger,
    me,
    money,
    operating,
)
from bridge.web.api.registry import about, api, every

__all__ = [
    "about",
    "accounts",
    "api",
    "batches",
    "catalog",
    "described",
    "events",
    "every",
    "helping",
    "ledger",
    "me",
    "money",
    "operating",
]
