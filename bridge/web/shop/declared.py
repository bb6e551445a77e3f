"""All pages of a shop: importing them declares them."""

from __future__ import annotations

from bridge.web.shop import (
    activity,
    alerts,
    catalogue,
    coupons,
    credit,
    entry,
    goods,
    ordering,
    people,
    profile,
    services,
    usage,
)
from bridge.web.shop.registry import shop

__all__ = [
    "activity",
    "alerts",
    "catalogue",
    "coupons",
    "credit",
    "entry",
    "goods",
    "ordering",
    "people",
    "profile",
    "services",
    "shop",
    "usage",
]
