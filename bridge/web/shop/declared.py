"""All pages of a shop: importing them declares them."""

from __future__ import annotations

from bridge.web.shop import catalogue, entry, ordering, people, profile, services
from bridge.web.shop.registry import shop

__all__ = ["catalogue", "entry", "ordering", "people", "profile", "services", "shop"]
