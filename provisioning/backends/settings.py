"""Settings of a backend of the ICT family, checked; the vendor's names as defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate

from provisioning.backends.called import Called, checked
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
}
"""What the wire calls each thing. Unproven: the vendor publishes none of these names.

`active` holds `on` or `off`; `payment` is the argument that carries `amount` and
`reference`.
"""


USER = ("id", "username", "password", "email", "role", "tariff", "channels", "active",
        "balance")  # fmt: skip


def _all_different(names: Mapping[str, str]) -> None:
    """Read back, nobody could tell two of the same name apart."""
    twice = {name for name in names.values() if list(names.values()).count(name) > 1}
    if twice:
        raise ValidationError(f"{', '.join(sorted(twice))} stands for more than one")


def _apart(given: Mapping[str, str]) -> None:
    names = FIELDS | dict(given)
    for together in (USER, ("on", "off"), ("amount", "reference")):
        _all_different({name: names[name] for name in together})


class Written(Called):
    username = fields.String(required=True)
    password = fields.String(required=True)
    tariffs = fields.Dict(
        fields.String(), fields.String(), required=True, validate=_all_different
    )
    fields_ = fields.Dict(
        fields.String(validate=validate.OneOf(list(FIELDS))),
        fields.String(),
        data_key="fields",
        load_default=dict,
        validate=_apart,
    )
    role = fields.String(load_default=None)
    not_found = fields.String(load_default="not found")
    payments = fields.String(load_default=None)


@dataclass(frozen=True, slots=True)
class Settings:
    url: str
    username: str
    password: str = field(repr=False)
    currency: str
    tariffs: Mapping[str, str]
    fields: Mapping[str, str]
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

    @property
    def burn(self) -> Burn:
        """*dearest_rate*: per second and channel, connection fee and block included."""
        return Burn(self.dearest_rate, timedelta(seconds=self.longest_call))


def read(name: str, written: Mapping[str, Any]) -> Settings:
    """ValueError names the table, the setting, and what is wrong with it."""
    read = checked(Written(), name, written)
    read["fields"] = FIELDS | read.pop("fields_")
    return Settings(**read)
