"""config.toml, checked and frozen. All faults at once: table, key, what is allowed."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import (
    INCLUDE,
    RAISE,
    Schema,
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

from provisioning.core.catalog import Catalog, Package, TopUp
from provisioning.core.entitlements import ALL
from provisioning.core.money import Money, amount
from provisioning.core.period import CYCLES

PRICE = '"29.00 USD"'
WRITTEN = re.compile(r"(\S+) ([A-Z]{3})", re.ASCII)


class ConfigError(Exception):
    """What is wrong in the configuration, one line each."""


@dataclass(frozen=True, slots=True)
class Serve:
    host: str
    port: int
    processes: int
    threads: int
    workers: int


@dataclass(frozen=True, slots=True)
class Caps:
    """How hard a backend may be asked."""

    calls: int = 8
    """Calls at once, of each process."""

    rate: float | None = None
    """Calls a second, of all processes together; None is no limit."""


@dataclass(frozen=True, slots=True)
class Mail:
    host: str
    port: int
    security: str
    sender: str
    username: str | None
    password: str | None = field(repr=False)
    timeout: float
    ca_file: str | None


@dataclass(frozen=True, slots=True)
class Hook:
    # The address, too: a path or query may be somebody's secret.
    url: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Alerts:
    """From when on somebody is told, and by which ways; by none, it is still kept."""

    mail: tuple[str, ...]
    webhook: Hook | None
    folder: Path | None
    backlog: timedelta
    held: timedelta
    every: timedelta


@dataclass(frozen=True, slots=True)
class Config:
    path: Path
    database: str
    listen: str | None = field(repr=False)
    """PostgreSQL itself, where *database* is a pooler in front of it."""

    key: str = field(repr=False)
    serve: Serve
    sources: Mapping[str, Mapping[str, Any]] = field(repr=False)
    backends: Mapping[str, Mapping[str, Any]] = field(repr=False)
    caps: Mapping[str, Caps]
    catalog: Catalog
    lease: timedelta
    retry: tuple[timedelta, ...]
    mail: Mail | None
    alerts: Alerts

    @property
    def folder(self) -> Path:
        return self.path.parent


class Price(fields.Field[Money]):
    """An amount and its currency in one string: `"29.00 USD"`."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Money:
        parts = WRITTEN.fullmatch(value) if isinstance(value, str) else None
        if parts is None:
            raise ValidationError(f"write amount and currency as {PRICE}")
        try:
            money = Money(amount(parts[1]), parts[2])
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None
        if money.amount < 0:
            raise ValidationError("must not be less than nothing")
        return money


class Strict(Schema):
    class Meta:
        unknown = RAISE


class PackageTable(Strict):
    backend = fields.String(load_default=None)
    price = Price(required=True)
    cycle = fields.String(required=True, validate=validate.OneOf(list(CYCLES)))
    tariff = fields.String(required=True)
    channels = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(ALL["channels"].least, 100_000),
    )
    free_credit = Price(load_default=None)


class TopUpTable(Strict):
    price = Price(required=True)
    credit = Price(required=True)
    bonus = Price(load_default=None)


class ServeTable(Strict):
    host = fields.String(load_default="127.0.0.1")
    port = fields.Integer(load_default=8480, validate=validate.Range(1, 65535))
    processes = fields.Integer(load_default=1, validate=validate.Range(1, 64))
    threads = fields.Integer(load_default=16, validate=validate.Range(1, 256))
    workers = fields.Integer(load_default=8, validate=validate.Range(0, 256))

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Serve:
        return Serve(**table)


class CapsTable(Schema):
    """What of a backend's table is ours; the rest is for its own file to read."""

    class Meta:
        unknown = INCLUDE

    calls = fields.Integer(strict=True, validate=validate.Range(1, 256))
    rate = fields.Float(validate=validate.Range(0.01, 10_000))


SECONDS = fields.Float(validate=validate.Range(0.01, 86400))
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
        if table["security"] == "none" and not _is_here(table["host"]):
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


class HookTable(Strict):
    url = fields.String(required=True)
    secret = fields.String(required=True)

    @validates_schema
    def fits(self, table: dict[str, Any], **_: Any) -> None:
        parts = urlsplit(table["url"])
        safe = parts.scheme == "https" or (
            parts.scheme == "http" and _is_here(parts.hostname or "")
        )
        if not safe:
            raise ValidationError(
                "must begin with https://; http:// is for this machine only", "url"
            )

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


class Whole(Strict):
    database = fields.String(load_default="sqlite:///switchhook.db")
    listen_url = fields.String(load_default=None)
    key = fields.String(required=True)
    lease = fields.Float(load_default=30.0, validate=validate.Range(1, 600))
    retry = fields.List(
        SECONDS,
        load_default=[5.0, 30.0, 120.0, 600.0, 3600.0],
        validate=validate.Length(min=1),
    )
    serve = fields.Nested(ServeTable, load_default=lambda: ServeTable().load({}))
    sources = fields.Dict(fields.String(), fields.Dict(), required=True)
    backends = fields.Dict(fields.String(), fields.Nested(CapsTable), required=True)
    packages = fields.Dict(fields.String(), fields.Nested(PackageTable), required=True)
    topups = fields.Dict(fields.String(), fields.Nested(TopUpTable), load_default=dict)
    mail = fields.Nested(MailTable, load_default=None)
    alerts = fields.Nested(AlertsTable, load_default=lambda: AlertsTable().load({}))


def load(path: Path, workers: int | None = None) -> Config:
    """ConfigError lists everything that is wrong, and what is allowed instead.

    *workers*: instead of the file's serve.workers.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path} is not there; `switchhook init` writes one"
        ) from None
    except tomllib.TOMLDecodeError as wrong:
        raise ConfigError(f"{path} is no TOML: {wrong}") from None
    faults: list[str] = []
    resolved = _resolved(written, path.parent, faults)
    try:
        read = Whole().load(resolved)
    except ValidationError as wrong:
        faults += _listed(wrong.messages_dict)
        read = {}
    if not faults:
        faults += _promises(read)
        if workers is not None:
            read["serve"] = replace(read["serve"], workers=workers)
    if faults:
        raise ConfigError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return Config(
        path=path,
        database=_database(read["database"], path.parent),
        listen=read["listen_url"],
        key=read["key"],
        serve=read["serve"],
        sources=read["sources"],
        backends={name: _theirs(table) for name, table in read["backends"].items()},
        caps={
            name: _caps(table, read["serve"])
            for name, table in read["backends"].items()
        },
        catalog=_catalog(read),
        lease=timedelta(seconds=read["lease"]),
        retry=tuple(timedelta(seconds=s) for s in read["retry"]),
        mail=_found(read["mail"], "ca_file", path.parent),
        alerts=_found(read["alerts"], "folder", path.parent),
    )


def _resolved(value: Any, folder: Path, faults: list[str], at: str = "") -> Any:
    """Follow `env:NAME` and `file:PATH`, so that no secret need stand in the file."""
    if isinstance(value, dict):
        return {
            key: _resolved(part, folder, faults, f"{at}.{key}" if at else key)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_resolved(part, folder, faults, at) for part in value]
    if isinstance(value, str) and value.startswith("env:"):
        return _env(value.removeprefix("env:"), at, faults)
    if isinstance(value, str) and value.startswith("file:"):
        return _file(folder / value.removeprefix("file:"), at, faults)
    return value


def _env(name: str, at: str, faults: list[str]) -> str:
    if name not in os.environ:
        faults.append(f"{at}: the environment has no {name}")
    return os.environ.get(name, "")


def _file(path: Path, at: str, faults: list[str]) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as wrong:
        faults.append(f"{at}: cannot read {path}: {wrong.strerror}")
        return ""


def _listed(messages: Any, at: str = "") -> list[str]:
    """One line a fault, with the table and key it stands in."""
    if isinstance(messages, dict):
        return [
            line
            for key, part in messages.items()
            # marshmallow files the faults of a table of tables under "value".
            for line in _listed(part, at if key == "value" else _under(at, str(key)))
        ]
    return [f"{at}: {message}" for message in messages]


def _under(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _promises(read: Mapping[str, Any]) -> list[str]:
    """What the tables say of one another must fit."""
    faults, backends = [], read["backends"]
    for name, package in read["packages"].items():
        at, backend = f"packages.{name}", package["backend"] or _only(backends)
        if backend not in backends:
            faults.append(
                f'{at}.backend: there is no "{backend or ""}"; choose one of:'
                f" {', '.join(backends)}"
            )
            continue
        tariffs = backends[backend].get("tariffs", {})
        if package["tariff"] not in tariffs:
            faults.append(
                f'{at}.tariff: backend "{backend}" has no tariff "{package["tariff"]}";'
                f" choose one of: {', '.join(tariffs)}"
            )
        faults += _currency(
            f"{at}.free_credit", package["free_credit"], backends[backend]
        )
    for name, topup in read["topups"].items():
        bonus, credit = topup["bonus"], topup["credit"]
        if bonus and bonus.currency != credit.currency:
            faults.append(f"topups.{name}.bonus: must be in {credit.currency}")
        if credit.amount <= 0:
            faults.append(f"topups.{name}.credit: must be more than nothing")
    if read["alerts"].mail and not read["mail"]:
        faults.append("alerts.mail: needs a [mail] table, to say by which server")
    return faults


def _currency(at: str, money: Money | None, backend: Mapping[str, Any]) -> list[str]:
    ours = backend.get("currency")
    if money is None or money.currency == ours:
        return []
    return [f"{at}: the backend keeps balances in {ours}, not in {money.currency}"]


def _only(backends: Mapping[str, Any]) -> str | None:
    return next(iter(backends)) if len(backends) == 1 else None


def _catalog(read: Mapping[str, Any]) -> Catalog:
    backends = read["backends"]
    packages = {
        name: Package(
            name=name,
            backend=table["backend"] or _only(backends) or "",
            price=table["price"],
            cycle=table["cycle"],
            entitlements={"channels": table["channels"], "tariff": table["tariff"]},
            free_credit=table["free_credit"],
        )
        for name, table in read["packages"].items()
    }
    topups = {name: TopUp(name, **table) for name, table in read["topups"].items()}
    currencies = {name: str(table.get("currency")) for name, table in backends.items()}
    return Catalog(packages, topups, currencies)


OURS = ("calls", "rate")


def _theirs(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in OURS}


def _caps(table: Mapping[str, Any], serve: Serve) -> Caps:
    ours = {key: table[key] for key in OURS if key in table}
    # 0 leaves the accounts to `switchhook worker`, which has the usual number.
    usual = {"calls": serve.workers} if serve.workers else {}
    return Caps(**usual | ours)


def _database(url: str, folder: Path) -> str:
    """As people write it: `postgresql://` is meant for the driver we bring."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return f"postgresql+psycopg://{url.removeprefix(prefix)}"
    return _beside(url, folder)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _found(table: Any, name: str, folder: Path) -> Any:
    """A relative path in a table, too, is meant from where the configuration stands."""
    path = getattr(table, name, None)
    return replace(table, **{name: type(path)(folder / path)}) if path else table


def _beside(url: str, folder: Path) -> str:
    """A relative SQLite path is meant from where the configuration stands."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(f"{prefix}/"):
        return url
    return f"{prefix}{(folder / url.removeprefix(prefix)).resolve()}"
