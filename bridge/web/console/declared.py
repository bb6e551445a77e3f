"""Every page there is: importing them declares them."""

from bridge.web.console import (
    accounts,
    events,
    held,
    helping,
    home,
    login,
    records,
    search,
    setup,
    stuck,
    unsure,
)
from bridge.web.console.registry import console

__all__ = [
    "accounts",
    "console",
    "events",
    "held",
    "helping",
    "home",
    "login",
    "records",
    "search",
    "setup",
    "stuck",
    "unsure",
]
