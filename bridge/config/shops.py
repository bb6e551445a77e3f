"""Shops: a source's own pages under its brand, and where all of them are answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, post_load, validate

from bridge.config.addresses import base
from bridge.config.addresses import page as site
from bridge.config.values import Shop, Street
from bridge.config.written import CURRENCY, Lasting, Price, Strict
from bridge.styles import DARK, LIGHT, unreadable

KIND = "shop"
"""Of a source that is nothing but its shop: no platform stands behind it."""

AHEAD = timedelta(days=28)
"""The shortest month: what is due next is known by then, and paid for."""

LARGEST = 256 * 1024
"""Bytes of a logo."""

PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
"""How a PNG, a JPEG and a WebP begin. No SVG: it can hold scripts."""

COLOUR = validate.Regexp(
    r"#[0-9a-f]{6}\Z", error='write it as "#0a58a6", in small letters'
)


class ShopTable(Strict):
    url = fields.String(required=True, validate=base)
    currency = fields.String(
        required=True, validate=validate.Regexp(CURRENCY, error="write it as USD")
    )
    sells = fields.List(fields.String(), load_default=list)
    pay = fields.String(load_default=None, validate=validate.Length(3, 1000))
    reseller_confirms = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    prices = fields.Dict(fields.String(), Price(), load_default=dict)
    renewal = fields.String(
        load_default="manual", validate=validate.OneOf(["manual", "automatic"])
    )
    renewal_ahead = Lasting(
        load_default=timedelta(days=10),
        validate=validate.Range(max=AHEAD, error="at most 28 days: 28d"),
    )
    tickets = fields.String(load_default=None, validate=site)
    titles = fields.Dict(
        fields.String(), fields.String(validate=validate.Length(1, 60)),
        load_default=dict,
    )  # fmt: skip
    texts = fields.Dict(
        fields.String(), fields.String(validate=validate.Length(1, 300)),
        load_default=dict,
    )  # fmt: skip
    accent = fields.String(load_default=None, validate=COLOUR)
    accent_dark = fields.String(load_default=None, validate=COLOUR)
    logo = fields.String(load_default=None, validate=validate.Length(min=1))

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Shop:
        for name, colours in (("accent", LIGHT), ("accent_dark", DARK)):
            grounds = unreadable(table[name], colours) if table[name] else []
            if grounds:
                raise ValidationError(
                    "cannot be read on what pages are made of: it needs a contrast of"
                    f" 4.5 to 1; take a {DEEPER[name]} one",
                    name,
                )
        if urlsplit(table["url"]).path.strip("/"):
            raise ValidationError(
                "ends with the host: a shop has one of its own", "url"
            )
        logo = table["logo"]
        url, where = table["url"].rstrip("/"), Path(logo) if logo else None
        sells = tuple(table["sells"])
        return Shop(**table | {"url": url, "logo": where, "sells": sells})


DEEPER = {"accent": "darker", "accent_dark": "lighter"}


class StreetTable(Strict):
    host = fields.String(load_default="127.0.0.1")
    port = fields.Integer(load_default=8484, validate=validate.Range(1, 65535))
    proxies = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 5))

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Street:
        return Street(**table)


def faults(read: Mapping[str, Any], folder: Path) -> list[str]:
    """What does not fit together; a host that two brands have is neither's."""
    found: list[str] = []
    hosts: dict[str, str] = {}
    sold = {**read["packages"], **read["topups"], **read["coupons"]}
    for name, table in read["sources"].items():
        shop: Shop | None = table.get("shop")
        at = f"sources.{name}"
        if shop is None:
            if table.get("kind") == KIND:
                found.append(f"{at}.shop: a source of kind shop is this table")
            if "hook" in table:
                found.append(f"{at}.hook: tells of a shop; it needs the table shop")
            continue
        if shop.host in hosts:
            found.append(
                f"{at}.shop.url: {shop.host} is {hosts[shop.host]}'s already; each"
                " brand has a host of its own"
            )
        hosts[shop.host] = name
        if "brand" not in table:
            found.append(
                f"{at}.brand: a shop needs this table, with name, login_url, support"
                " and from"
            )
        if table.get("kind") == KIND and shop.pay is None:
            found.append(
                f"{at}.shop.pay: no platform takes the money here: write what"
                ' customers are told to do, as "Transfer the sum to …"'
            )
        found += [
            f"{at}.shop.sells: there is no package, top-up or coupon {each}"
            for each in shop.sells
            if each not in sold
        ]
        found += _pictured(at, shop, folder)
    if hosts and not read["mail"] and not read["alerts"].folder:
        found.append(
            "mail: a shop mails its customers a link to prove their address; it needs"
            " this table, to say by which server, or alerts.folder"
        )
    return found


def _pictured(at: str, shop: Shop, folder: Path) -> list[str]:
    if shop.logo is None:
        return []
    try:
        content = (folder / shop.logo).read_bytes()
    except OSError as wrong:
        return [f"{at}.shop.logo: cannot read {folder / shop.logo}: {wrong.strerror}"]
    if not content.startswith(PICTURES) or len(content) > LARGEST:
        return [
            f"{at}.shop.logo: is no PNG, JPEG or WebP of at most {LARGEST // 1024} KiB"
        ]
    return []
