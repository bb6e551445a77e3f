"""WHMCS: its module tells, signed as by kind "signed"; its API is asked the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bridge.platforms import signed
from bridge.platforms.base import channel_of
from provisioning.dialling import is_here

KIND = "whmcs"
PATH = "includes/api.php"
COUNTRY = re.compile(r"[A-Z]{2}")
MEANWHILE = ("error", "success")
OWN = ("secrets", "products", "api_url", "identifier", "secret", "access_key",
       "welcome", "create", "department", "ca_file", "options",
       "target_field", "cart")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cart:
    """How what is ordered at our shop is ordered there."""

    payment: str
    """A payment method of WHMCS, by its system name: each order there names one."""

    url: str
    """Where customers reach WHMCS."""

    country: str | None = None
    """Of a new client there: our shop does not ask where he lives."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where its API answers, to whom, and what it is asked to send."""

    url: str
    """The folder WHMCS is installed in."""

    identifier: str = field(repr=False)
    secret: str = field(repr=False)
    access_key: str | None = field(default=None, repr=False)
    welcome: str | None = None
    """Its mail template for a new account; None: it sends none for us."""

    department: int | None = None
    """Where a ticket is opened for what a person must see to; None: a notification."""

    ca_file: str | None = None
    cart: Cart | None = None


def channel(source: str) -> str:
    """By which that WHMCS hears of us, and is asked."""
    return channel_of(KIND, source)


class Platform(signed.Platform):
    follows = KIND

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        unknown = [key for key in settings if key not in OWN]
        if unknown:
            raise ValueError(
                f'source "{name}": whmcs has no {unknown[0]}; use: {", ".join(OWN)}'
            )
        super().__init__(name, settings)
        self.access = access(name, settings)
        _names(name, settings)
        self.meanwhile = settings.get("create", "error")
        if self.meanwhile not in MEANWHILE:
            raise ValueError(
                f'source "{name}": create says what WHMCS is answered while a new'
                ' account is still being made: "error" (it is completed by itself) or'
                ' "success"'
            )


def access(name: str, settings: Mapping[str, Any]) -> Access:
    """ValueError says which of it will not do."""
    told = {key: _text(name, settings, key) for key in TEXTS}
    for key, what in NEEDED.items():
        if told[key] is None:
            raise ValueError(f'source "{name}" needs {key} = {what}')
    department = settings.get("department")
    if department is not None and (type(department) is not int or department < 1):
        raise ValueError(
            f'source "{name}": department is the number of a support department of'
            " WHMCS, as department = 2; leave it out for a notification instead"
        )
    root = _root(name, "api_url", str(told["api_url"]))
    return Access(
        root,
        str(told["identifier"]),
        str(told["secret"]),
        told["access_key"],
        told["welcome"],
        department,
        told["ca_file"],
        _cart(name, settings["cart"], root) if "cart" in settings else None,
    )


def native(ref: str | None) -> str | None:
    """As it calls a service or client itself. An add-on has no page of its own."""
    told = ref.partition(":")[2] if ref else ""
    return told if told.isdecimal() else None


def _names(name: str, settings: Mapping[str, Any]) -> None:
    """How things are called there, as `channels.whmcs_options` reads it."""
    options = settings.get("options", {})
    pairs = options.items() if isinstance(options, Mapping) else [(None, None)]
    if not all(
        isinstance(said, str) and said.strip() for pair in pairs for said in pair
    ):
        raise ValueError(
            f'source "{name}": options says what its configurable options are to us, by'
            ' their names there, as options = { "Extra channels" = "line" }; "quantity"'
            ' is how many of the package, "-" is nothing to us'
        )
    _text(name, settings, "target_field")


def _cart(name: str, table: object, root: str) -> Cart:
    known = ("payment", "url", "country")
    if not isinstance(table, Mapping) or not table.keys() <= set(known):
        raise ValueError(
            f'source "{name}": cart is a table with payment, and may have url and'
            ' country, as cart = { payment = "banktransfer", country = "VN" }'
        )
    told = {key: _text(f"{name}.cart", table, key) for key in known}
    if told["payment"] is None:
        raise ValueError(
            f'source "{name}.cart" needs payment = "banktransfer", the system name of a'
            " payment method of WHMCS: System Settings, Payment Gateways"
        )
    country = told["country"]
    if country is not None and not COUNTRY.fullmatch(country):
        raise ValueError(f'source "{name}.cart": country is two letters, as "VN"')
    url = told["url"]
    reached = _root(f"{name}.cart", "url", url) if url else root
    return Cart(told["payment"], reached, country)


TEXTS = ("api_url", "identifier", "secret", "access_key", "welcome", "ca_file")
NEEDED = {
    "api_url": '"https://billing.example.com/includes/api.php", where its API answers',
    "identifier": '"…", of an API credential: System Settings, API Credentials',
    "secret": '"file:NAME.api", the secret of that API credential',
}


def _text(name: str, settings: Mapping[str, Any], key: str) -> str | None:
    said = settings.get(key)
    if said is None or (isinstance(said, str) and said.strip()):
        return said
    raise ValueError(f'source "{name}": {key} is text in quotes, and not empty')


def _root(name: str, key: str, url: str) -> str:
    """With or without the file of the API at its end."""
    try:
        parts = urlsplit(url)
        here = parts.scheme == "http" and is_here(parts.hostname or "")
        sound = parts.hostname and not parts.query and not parts.fragment
        sound = sound and "@" not in parts.netloc
    except ValueError:
        sound = here = False
    if not sound or not (parts.scheme == "https" or here):
        raise ValueError(
            f'source "{name}": {key} is where WHMCS is installed, as'
            ' "https://billing.example.com/includes/api.php"; it holds no password and'
            " no ?, and begins with https:// (http:// is for this machine only)"
        )
    return url.rstrip("/").removesuffix(PATH).rstrip("/")
