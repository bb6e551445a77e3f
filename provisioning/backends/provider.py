"""Settings of a platform of the provider's own, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate

from provisioning import signing
from provisioning.backends.called import Called, checked
from provisioning.core.entitlements import ALL
from provisioning.core.safety import Burn


def _is_safe(url: str) -> None:
    """Passwords and sums go there, and the signature does not hide them."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not _is_here(parts.hostname or ""):
        raise ValidationError("write https://; http:// is for this machine only")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _will_do(secret: str) -> None:
    try:
        signing.key("it", secret)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from None


def _once(names: list[str]) -> None:
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValidationError(f"{', '.join(sorted(twice))} stands twice; keep one")


class Written(Called):
    url = fields.Url(
        required=True,
        schemes={"http", "https"},
        require_tld=False,
        validate=_is_safe,
    )
    secret = fields.String(required=True, validate=_will_do)
    entitlements = fields.List(
        fields.String(validate=validate.OneOf(list(ALL))),
        load_default=[row.name for row in ALL.values() if row.required],
        validate=_once,
    )
    tariffs = fields.List(fields.String(), load_default=list, validate=_once)
    lists = fields.Boolean(load_default=False, truthy={True}, falsy={False})


@dataclass(frozen=True, slots=True)
class Settings:
    url: str
    secret: str = field(repr=False)
    currency: str
    entitlements: tuple[str, ...]
    """What the platform can hold."""

    tariffs: tuple[str, ...]
    """The names it knows; none at all: it says itself which it takes."""

    lists: bool
    """Whether it says which accounts there are."""

    ca_file: str | None
    connect: float
    call_deadline: float
    settle: float
    dearest_rate: Decimal | None
    longest_call: float

    @property
    def key(self) -> bytes:
        return signing.key("secret", self.secret)

    @property
    def burn(self) -> Burn:
        """*dearest_rate*: the most that one channel can use in a second."""
        return Burn(self.dearest_rate, timedelta(seconds=self.longest_call))


def read(name: str, written: Mapping[str, Any]) -> Settings:
    """ValueError names the table, each wrong setting, and what is wrong with it."""
    read = checked(Written(), name, written)
    lists = {each: tuple(read[each]) for each in ("entitlements", "tariffs")}
    return Settings(**read | lists)
