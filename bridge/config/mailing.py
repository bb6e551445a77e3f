"""Who is written to, and by whom, as it is written: mail, brands, hooks, alerts."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from bridge.config.addresses import page, safe
from bridge.config.values import Alerts, Brand, Hook, Mail
from bridge.config.written import Strict, meant
from bridge.words import LANGUAGES
from provisioning.core.news import Topic
from provisioning.dialling import is_here

PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""Where a mail server listens, by how it is secured."""

ADDRESS = validate.Regexp(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+\Z",
    error="write one plain address, as in ops@example.com",
)


class MailTable(Strict):
    host = fields.String(required=True, validate=validate.Length(min=1))
    port = fields.Integer(load_default=None, validate=validate.Range(1, 65535))
    security = fields.String(
        load_default="starttls", validate=validate.OneOf(list(PORTS))
    )
    username = fields.String(load_default=None)
    password = fields.String(load_default=None)
    sender = fields.String(required=True, data_key="from", validate=ADDRESS)
    timeout = fields.Float(load_default=30.0, validate=validate.Range(1, 300))
    ca_file = fields.String(load_default=None)

    @validates_schema
    def fits(self, table: dict[str, Any], **_: Any) -> None:
        if table["security"] == "none" and not is_here(table["host"]):
            raise ValidationError(
                '"none" is for a server on this machine (127.0.0.1, ::1, localhost);'
                " choose starttls or tls",
                "security",
            )
        if (table["username"] is None) != (table["password"] is None):
            raise ValidationError("give username and password, or neither", "password")

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Mail:
        return Mail(**table | {"port": table["port"] or PORTS[table["security"]]})


def _one_line(text: str) -> None:
    if text != text.strip() or any(unicodedata.category(c)[0] in "CZ" for c in
                                   text.replace(" ", "")):  # fmt: skip
        raise ValidationError("is one line of text, with no blanks around it")


class Topics(fields.Field[frozenset[str]]):
    """What is mailed: "all", or a list of topics."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> frozenset[str]:
        if value == "all":
            return frozenset(Topic)
        named = value if isinstance(value, list) else [value]
        for name in named:
            if name not in {*Topic}:
                slip = meant(str(name), [*Topic]) or f"; choose of: {', '.join(Topic)}"
                raise ValidationError(f'is "all", or a list of topics{slip}')
        return frozenset(named)


def _each_once(names: Sequence[str]) -> None:
    if len({*names}) < len(names):
        raise ValidationError("names each language once")


class BrandTable(Strict):
    name = fields.String(required=True, validate=[validate.Length(1, 60), _one_line])
    login_url = fields.String(required=True, validate=page)
    support = fields.String(required=True, validate=ADDRESS)
    sender = fields.String(required=True, data_key="from", validate=ADDRESS)
    languages = fields.List(
        fields.String(validate=validate.OneOf(LANGUAGES)),
        load_default=("en",),
        validate=[validate.Length(1), _each_once],
    )

    mails = Topics(load_default=None)

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Brand:
        return Brand(**table | {"languages": tuple(table["languages"])})


class HookTable(Strict):
    url = fields.String(required=True, validate=safe)
    secret = fields.String(required=True)

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Hook:
        return Hook(**table)


class AlertsTable(Strict):
    mail = fields.List(fields.String(validate=ADDRESS), load_default=list)
    webhook = fields.Nested(HookTable, load_default=None)
    folder = fields.String(load_default=None, validate=validate.Length(min=1))
    backlog = fields.Float(load_default=60.0, validate=validate.Range(1, 86400))
    held = fields.Float(load_default=24.0, validate=validate.Range(0.01, 8760))
    every = fields.Float(load_default=60.0, validate=validate.Range(1, 3600))

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Alerts:
        folder = table["folder"]
        return Alerts(
            mail=tuple(dict.fromkeys(table["mail"])),
            webhook=table["webhook"],
            folder=Path(folder) if folder else None,
            backlog=timedelta(seconds=table["backlog"]),
            held=timedelta(hours=table["held"]),
            every=timedelta(seconds=table["every"]),
        )
