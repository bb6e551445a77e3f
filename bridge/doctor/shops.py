"""Each shop: what it sells, how its mails go, and who can read along on the way."""

from __future__ import annotations

from urllib.parse import urlsplit

from bridge.config import Shop
from bridge.doctor.finding import Findings, fail, ok, warn
from bridge.parts import Parts

HERE = {"127.0.0.1", "localhost", "::1"}


def shops(parts: Parts) -> Findings:
    """Whether it answers is not asked: its host may be known to nobody here."""
    for source, shop in parts.config.shops.items():
        about = f"shop of {source}"
        plans = _plans(parts, shop)
        if plans:
            said = f"{shop.url} sells in {shop.currency}: {', '.join(plans)}"
            yield ok(about, said)
        else:
            out = f"price one in it, or set sources.{source}.shop.currency"
            yield fail(about, f"no plan is sold in {shop.currency}; {out}")
        yield from _mailing(about, parts)
        yield from _on_the_way(about, shop)


def _plans(parts: Parts, shop: Shop) -> list[str]:
    return [
        package.name
        for package in parts.config.catalog.packages.values()
        if package.price.currency == shop.currency
        and not package.addon
        and (not shop.sells or package.name in shop.sells)
    ]


def _mailing(about: str, parts: Parts) -> Findings:
    """A configuration without either is not taken at all."""
    if parts.config.mail is None:
        said = f"its mails are files in {parts.config.alerts.folder}"
        yield warn(about, f"{said}: no customer gets one; add [mail]")


def _on_the_way(about: str, shop: Shop) -> Findings:
    if not shop.is_safe and urlsplit(shop.url).hostname not in HERE:
        out = "put a proxy with a certificate before it, and https:// into its url"
        yield warn(about, f"{shop.url}: passwords go there in the open; {out}")
