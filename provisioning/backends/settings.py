"""Settings of a backend of the ICT family, checked; the vendor's names as defaults."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import ValidationError, fields, validate, validates_schema

from provisioning import php
from provisioning.backends.called import Called, checked
from provisioning.backends.proof import WAYS, Proof, missing
from provisioning.core.safety import Burn

FIELDS = {
    "id": "user_id",
    "username": "username",
    "password": "password",
    "email": "email",
    "role": "role",
    "tariff": "plan_id",
    "channels": "channels",
    "active": "active",
    "on": "1",
    "off": "0",
    "balance": "credit",
    "payment": "payment",
    "amount": "paid_amount",
    "reference": "description",
    "owner": "usr_id",
    "running": "running",
    "start": "start",
    "limit": "limit",
    "started": "start_time",
    "seconds": "duration",
    "cost": "cost",
    "kind": "service",
}
"""What the wire calls each thing. Unproven: the vendor publishes none of these names.

`active` holds `on` or `off`; `payment` is the argument that carries `amount` and
`reference`; `owner` is the argument that says whose campaigns, and `running` what the
status of one is called that dials; `start` and `limit` are the arguments that say which
users of a list. Of a call that is listed: when it `started`, its `seconds`, its `cost`,
and of what `kind` it was.
"""


PROFILES = {
    "ictbroadcast": FIELDS,
    # What its guide for clients shows: a status of two words, and a payment reference.
    "ictcontact": FIELDS
    | {
        "active": "status",
        "on": "active",
        "off": "suspended",
        "reference": "reference",
    },
}
"""The products of the family. The methods are called alike in all of them."""

CODECS: Mapping[str, Callable[[object], str]] = {"json": json.dumps, "php": php.dumps}
"""How an argument of several values is written. Every client seen sends JSON; the
vendor's own pages call it serialized."""

CAMPAIGNS: Mapping[str, str | None] = {
    "Campaign_List": None,
    "Campaign_List_Mode": "status",
}
"""What lists campaigns, and the argument by which it lists only those of one status."""

BODIES = {"urlencoded": False, "multipart": True}


USER = ("id", "username", "password", "email", "role", "tariff", "channels", "active",
        "balance")  # fmt: skip


CALL = ("started", "seconds", "cost", "kind")
PAIRED = (USER, ("on", "off"), ("amount", "reference"), ("start", "limit"), CALL)


def _all_different(names: Mapping[str, str]) -> None:
    """Read back, nobody could tell two of the same name apart."""
    twice = {name for name in names.values() if list(names.values()).count(name) > 1}
    if twice:
        raise ValidationError(f"{', '.join(sorted(twice))} stands for more than one")


def _apart(names: Mapping[str, str]) -> None:
    for together in PAIRED:
        _all_different({name: names[name] for name in together})


def _zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError("is no time zone; write one as Europe/Berlin") from None


def _is_root(url: str) -> None:
    if url.rstrip("/").endswith("/rest"):
        raise ValidationError("write it without /rest: that is added")


class Written(Called):
    url = fields.Url(
        required=True, schemes={"http", "https"}, require_tld=False, validate=_is_root
    )
    auth = fields.String(load_default="form", validate=validate.OneOf(list(WAYS)))
    username = fields.String(load_default=None)
    password = fields.String(load_default=None)
    api_key = fields.String(
        load_default=None,
        validate=validate.Regexp(
            r"[!-~]+\Z", error="holds a blank, a line break or a foreign letter"
        ),
    )
    tariffs = fields.Dict(
        fields.String(), fields.String(), required=True, validate=_all_different
    )
    fields_ = fields.Dict(
        fields.String(validate=validate.OneOf(list(FIELDS))),
        fields.String(),
        data_key="fields",
        load_default=dict,
    )
    profile = fields.String(
        load_default="ictbroadcast", validate=validate.OneOf(list(PROFILES))
    )
    codec = fields.String(load_default="json", validate=validate.OneOf(list(CODECS)))
    body = fields.String(
        load_default="urlencoded", validate=validate.OneOf(list(BODIES))
    )
    role = fields.String(load_default=None)
    not_found = fields.String(load_default="not found")
    payments = fields.String(load_default=None)
    users = fields.String(load_default=None)
    campaigns = fields.String(
        load_default=None, validate=validate.OneOf(list(CAMPAIGNS))
    )
    usage = fields.String(
        load_default=None, validate=validate.OneOf(["Campaign_Result"])
    )
    server_zone = fields.String(load_default="UTC", validate=_zone)
    purge = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    debit = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
    partial_update_safe = fields.Boolean(
        truthy={True}, falsy={False}, load_default=False
    )

    @validates_schema(skip_on_field_errors=False)
    def _can_be_told_apart(self, given: Mapping[str, Any], **_: Any) -> None:
        names = PROFILES.get(given.get("profile", ""), FIELDS)
        try:
            _apart(names | given.get("fields_", {}))
        except ValidationError as wrong:
            raise ValidationError(wrong.messages, "fields") from None

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _can_prove(self, _: object, written: Mapping[str, Any], **__: Any) -> None:
        auth = str(written.get("auth", "form"))
        if auth in WAYS and (faults := missing(auth, written)):
            raise ValidationError(faults)


@dataclass(frozen=True, slots=True)
class Settings:
    url: str
    auth: str
    username: str | None
    password: str | None = field(repr=False)
    api_key: str | None = field(repr=False)
    currency: str
    tariffs: Mapping[str, str]
    fields: Mapping[str, str]
    codec: str
    body: str
    role: str | None
    ca_file: str | None
    connect: float
    call_deadline: float
    settle: float
    dearest_rate: Decimal | None
    longest_call: float
    not_found: str
    """What a refusal says when there is no such user."""

    payments: str | None
    """The method that lists payments, where the provider's server has one."""

    users: str | None
    """The method that lists users, where the provider's server has one."""

    campaigns: str | None
    """The method that lists one user's campaigns, where it was seen that it does."""

    usage: str | None
    """The method that lists the calls of one campaign."""

    server_zone: str
    """In which its moments are written where they name none."""

    purge: bool
    """Whether a user may be deleted. What he keeps there is his customers'."""

    debit: bool
    partial_update_safe: bool
    """What `doctor --probe` proved of this server, and its operator wrote down."""

    @property
    def proof(self) -> Proof:
        way = WAYS[self.auth]
        return way.proof(**{name: getattr(self, name) for name in way.needs})

    def said(self, argument: object) -> str:
        """An argument of several values, as this server reads it."""
        return CODECS[self.codec](argument)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.server_zone)

    @property
    def multipart(self) -> bool:
        return BODIES[self.body]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may hold."""
        return tuple(filter(None, (self.password, self.api_key)))

    @property
    def burn(self) -> Burn:
        """*dearest_rate*: per second and channel, connection fee and block included."""
        return Burn(self.dearest_rate, timedelta(seconds=self.longest_call))


def read(name: str, written: Mapping[str, Any]) -> Settings:
    """ValueError names the table, the setting, and what is wrong with it."""
    read = checked(Written(), name, written)
    read["fields"] = PROFILES[read.pop("profile")] | read.pop("fields_")
    return Settings(**read)
