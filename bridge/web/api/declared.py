"""Every call there is: importing them declares them."""

from bridge.web.api import (
    accounts,
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
