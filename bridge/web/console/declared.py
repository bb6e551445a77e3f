"""Every page there is: importing them declares them."""

from bridge.web.console import (
    adoptions,
    audits,
    backends,
    catalogs,
    home,
    keys,
    login,
    outbox,
    plans,
    reprovisions,
    sessions,
    settings,
    setup,
    sources,
    ticks,
    users,
)
from bridge.web.console.registry import console

__all__ = [
    "adoptions",
    "audits",
    "backends",
    "catalogs",
    "console",
    "home",
    "keys",
    "login",
    "outbox",
    "plans",
    "reprovisions",
    "sessions",
    "settings",
    "setup",
    "sources",
    "ticks",
    "users",
]
