"""All pages of a shop: importing them declares them."""

from __future__ import annotations

from bridge.web.shop import (
    activity,
    alerts,
    automatic,
    billing,
    catalogue,
    changes,
    coupons,
    credit,
    entry,
    goods,
    invoices,
    ordering,
    panel,
    people,
    profile,
    progress,
    renewing,
    services,
    trying,
    usage,
)
from bridge.web.shop.registry import shop

__all__ = [
    "activity",
    "alerts",
    "automatic",
    "billing",
    "catalogue",
    "changes",
    "coupons",
    "credit",
    "entry",
    "goods",
    "invoices",
    "ordering",
    "panel",
    "people",
    "profile",
    "progress",
    "renewing",
    "services",
    "shop",
    "trying",
    "usage",
]
