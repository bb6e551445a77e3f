"""Which brand answers under which host, before anybody is known; no other ever does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bridge.config import Brand, Config, Shop
from bridge.config.carts import KIND
from bridge.platforms import whmcs
from bridge.platforms.whmcs import Access
from bridge.styles import branded

KINDS = {b"\x89": "image/png", b"\xff": "image/jpeg", b"R": "image/webp"}
"""By the first byte of a picture; the configuration took no other kind."""


@dataclass(frozen=True)
class Front:
    """A source as its customers see it."""

    source: str
    brand: Brand
    shop: Shop
    is_platform: bool
    """Whether a billing platform behind it takes the money."""

    billing: Access | None = field(default=None, repr=False)
    """Where that has what is ordered here in its own cart."""

    @property
    def billing_url(self) -> str:
        """Where customers reach it; as configured, whatever anybody says."""
        return self.billing.cart.url if self.billing and self.billing.cart else ""

    def titled(self, name: str) -> str:
        """How a plan or a top-up is called here."""
        return self.shop.titled(name)

    @cached_property
    def tokens(self) -> str:
        return branded(self.shop.accent, self.shop.accent_dark)

    @cached_property
    def logo(self) -> tuple[bytes, str] | None:
        """The picture, and what kind it is."""
        if self.shop.logo is None:
            return None
        content = self.shop.logo.read_bytes()
        return content, KINDS[content[:1]]

    @cached_property
    def logo_path(self) -> str | None:
        """With what is in it in its name: kept for ever, and never an old one."""
        if self.logo is None:
            return None
        return f"/brand/{hashlib.sha256(self.logo[0]).hexdigest()[:12]}/logo"


def fronts(config: Config) -> Mapping[str, Front]:
    """By host, as browsers name it."""
    return {
        shop.host: Front(
            name,
            config.brands[name],
            shop,
            config.sources[name]["kind"] != "shop",
            _billing(name, config.sources[name]),
        )
        for name, shop in config.shops.items()
    }


def _billing(name: str, source: Mapping[str, Any]) -> Access | None:
    if source["kind"] != KIND or "cart" not in source:
        return None
    return whmcs.access(name, source)
