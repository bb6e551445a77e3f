"""The tables of the file, key by key: what may stand there, and what it is made of."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import (
    INCLUDE,
    Schema,
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

from bridge.config.addresses import base, page, safe
from bridge.config.commerce import CouponTable, FamilyTable, OfferTable, UmbrellaTable
from bridge.config.dunning import DunningTable, GraceTable
from bridge.config.reconciling import ReconcileTable
from bridge.config.shops import ShopTable, StreetTable
from bridge.config.values import (
    Alerts,
    Brand,
    Console,
    Hook,
    Mail,
    Metrics,
    Serve,
    Usage,
)
from bridge.config.written import Moment, Percent, Price, Strict, meant, zone
from bridge.words import LANGUAGES
from provisioning.core.entitlements import CAPACITIES, LARGEST, SOLD, Entitlement
from provisioning.core.news import Topic
from provisioning.core.period import CYCLES
from provisioning.core.quotas import Allowance
from provisioning.dialling import is_here

EVERY = validate.OneOf([name for name, months in CYCLES.items() if months])
NAME = validate.Regexp(
    r"[a-z][a-z0-9_-]*\Z",
    error="write small letters, digits, - and _, as in call-blast",
)


class PackageOnly(Strict):
    """A package's table without what it entitles to, which is told by rows."""

    backend = fields.String(load_default=None)
    price = Price(required=True)
    cycle = fields.String(required=True, validate=validate.OneOf(list(CYCLES)))
    addon = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    free_credit = Price(load_default=None)
    free_after = fields.String(
        load_default="persist", validate=validate.OneOf(["persist", "reset"])
    )
    free_cap = Price(load_default=None)
    free_every = fields.String(load_default=None, validate=EVERY)
    setup_fee = Price(load_default=None)
    most_extra = fields.Dict(
        fields.String(validate=validate.OneOf(CAPACITIES)),
        fields.Integer(strict=True, validate=validate.Range(0, LARGEST)),
        load_default=dict,
    )
    family = fields.String(load_default=None)
    rank = fields.Integer(load_default=None, strict=True, validate=validate.Range(1))
    minimum = fields.Integer(load_default=1, strict=True, validate=validate.Range(1))
    discounts = fields.Dict(
        fields.String(validate=validate.OneOf(list(CYCLES))),
        Percent(),
        load_default=dict,
    )
    offers = fields.List(fields.Nested(OfferTable), load_default=list)
    floor = Price(load_default=None)

    @validates_schema
    def fits(self, table: dict[str, Any], **_: Any) -> None:
        self._is_whole(table)
        ruled = [key for key in ("free_cap", "free_every") if table[key]]
        ruled += ["free_after"] if table["free_after"] == "reset" else []
        if ruled and not table["free_credit"]:
            raise ValidationError("goes with free_credit; set it too", ruled[0])
        if table["free_after"] == "reset" and table["free_cap"]:
            raise ValidationError(
                "is for what persists; a reset is its own cap: leave one out",
                "free_cap",
            )

    def _is_whole(self, table: dict[str, Any]) -> None:
        """An add-on is something on top; a package is an account."""
        if not table["addon"]:
            for row in SOLD.values():
                if row.required and table[row.name] is None:
                    raise ValidationError("Missing data for required field.", row.name)
            return
        for key in ("free_credit", "setup_fee", "most_extra"):
            if table[key]:
                raise ValidationError("is not for an add-on; leave it out", key)


class AllowanceTable(Strict):
    """Free minutes, messages or pages: so many each time, and what then becomes of
    those that are left."""

    quota = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, LARGEST)
    )
    after = fields.String(
        load_default="persist", validate=validate.OneOf(["persist", "reset"])
    )
    cap = fields.Integer(
        load_default=None, strict=True, validate=validate.Range(1, LARGEST)
    )
    every = fields.String(load_default=None, validate=EVERY)

    @validates_schema
    def fits(self, table: dict[str, Any], **_: Any) -> None:
        if table["cap"] is None:
            return
        if table["after"] == "reset":
            raise ValidationError(
                "is for what persists; a reset is its own cap: leave one out", "cap"
            )
        if table["cap"] < table["quota"]:
            raise ValidationError("must not be less than the quota", "cap")

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Allowance:
        every = CYCLES[table["every"]] if table["every"] else None
        return Allowance(table["quota"], table["after"] == "reset", table["cap"], every)


class Features(fields.List[str]):
    """Names, each once and in order: two that hold the same are the same."""

    def _deserialize(self, value: Any, *args: Any, **more: Any) -> Any:
        return tuple(sorted(set(super()._deserialize(value, *args, **more))))


def _field(row: Entitlement) -> fields.Field[Any]:
    most = validate.Range(row.least, row.most)
    kinds: dict[type, fields.Field[Any]] = {
        int: fields.Integer(load_default=None, strict=True, validate=most),
        str: fields.String(load_default=None),
        tuple: Features(fields.String(validate=NAME), load_default=None),
        Allowance: fields.Nested(AllowanceTable, load_default=None),
    }
    return kinds[row.type]


PackageTable = PackageOnly.from_dict({row.name: _field(row) for row in SOLD.values()})


class TopUpTable(Strict):
    price = Price(required=True)
    floor = Price(load_default=None)
    credit = Price(required=True)
    bonus = Price(load_default=None)


class ServeTable(Strict):
    host = fields.String(load_default="127.0.0.1")
    port = fields.Integer(load_default=8480, validate=validate.Range(1, 65535))
    processes = fields.Integer(load_default=1, validate=validate.Range(1, 64))
    threads = fields.Integer(load_default=16, validate=validate.Range(1, 256))
    workers = fields.Integer(load_default=8, validate=validate.Range(0, 256))
    disk_free = fields.Integer(
        load_default=64, strict=True, validate=validate.Range(0, 1_000_000)
    )

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Serve:
        return Serve(**table)


class OffTable(Strict):
    share = fields.Float(load_default=0.2, validate=validate.Range(0, 1))
    least = fields.Integer(load_default=10, strict=True, validate=validate.Range(0))


class CapsTable(Schema):
    """What of a backend's table is ours; the rest is for its own file to read."""

    class Meta:
        unknown = INCLUDE

    calls = fields.Integer(strict=True, validate=validate.Range(1, 256))
    rate = fields.Float(validate=validate.Range(0.01, 10_000))
    accounts = fields.Integer(strict=True, validate=validate.Range(1, 10_000_000))
    unverified = fields.String(validate=validate.OneOf(["refuse", "accept"]))
    switch_off = fields.Nested(OffTable)
    retention = fields.Integer(strict=True, validate=validate.Range(1, 36500))
    repair = fields.String(validate=validate.OneOf(["levels", "report"]))


class GroupTable(Strict):
    backends = fields.List(
        fields.String(), required=True, validate=validate.Length(min=1)
    )


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


class SourceTable(Schema):
    """What of a source's table is ours; the rest is for its platform's file to read."""

    class Meta:
        unknown = INCLUDE

    live_from = Moment()
    login_mail = fields.String(validate=validate.OneOf(["ours", "platform"]))
    brand = fields.Nested(BrandTable)
    shop = fields.Nested(ShopTable)
    hook = fields.Nested(HookTable)


class ConsoleTable(Strict):
    host = fields.String(load_default="127.0.0.1")
    port = fields.Integer(load_default=8482, validate=validate.Range(1, 65535))
    url = fields.String(load_default=None, validate=base)
    proxies = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 5))

    @validates_schema
    def fits(self, table: dict[str, Any], **_: Any) -> None:
        if table["url"] is None and not is_here(table["host"]):
            raise ValidationError(
                "is needed where it listens for other machines; it begins with https://",
                "url",
            )
        if urlsplit(table["url"] or "").path.strip("/"):
            raise ValidationError("ends with the host: it has one of its own", "url")

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Console:
        url = table["url"] or f"http://{table['host']}:{table['port']}"
        return Console(**table | {"url": url.rstrip("/")})


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


class UsageTable(Strict):
    every = fields.Float(load_default=3600.0, validate=validate.Range(60, 86400))

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Usage:
        return Usage(timedelta(seconds=table["every"]))


class MetricsTable(Strict):
    token = fields.String(
        required=True,
        validate=validate.Regexp(
            r"[!-~]{32,}\Z", error="write 32 letters or more, without blanks"
        ),
    )

    @post_load
    def made(self, table: dict[str, Any], **_: Any) -> Metrics:
        return Metrics(**table)


class LogTable(Strict):
    format = fields.String(load_default=None, validate=validate.OneOf(["json", "text"]))


class Whole(Strict):
    database = fields.String(load_default="sqlite:///switchhook.db")
    listen_url = fields.String(load_default=None)
    key = fields.String(required=True)
    old_keys = fields.List(fields.String(), load_default=list)
    lease = fields.Float(load_default=30.0, validate=validate.Range(1, 600))
    retry = fields.List(
        SECONDS,
        load_default=[5.0, 30.0, 120.0, 600.0, 3600.0],
        validate=validate.Length(min=1),
    )
    serve = fields.Nested(ServeTable, load_default=lambda: ServeTable().load({}))
    console = fields.Nested(ConsoleTable, load_default=lambda: ConsoleTable().load({}))
    shop = fields.Nested(StreetTable, load_default=lambda: StreetTable().load({}))
    public_url = fields.String(load_default=None, validate=base)
    sources = fields.Dict(fields.String(), fields.Nested(SourceTable), required=True)
    backends = fields.Dict(fields.String(), fields.Nested(CapsTable), required=True)
    groups = fields.Dict(fields.String(), fields.Nested(GroupTable), load_default=dict)
    packages = fields.Dict(fields.String(), fields.Nested(PackageTable), required=True)
    topups = fields.Dict(fields.String(), fields.Nested(TopUpTable), load_default=dict)
    families = fields.Dict(
        fields.String(), fields.Nested(FamilyTable), load_default=dict
    )
    coupons = fields.Dict(
        fields.String(), fields.Nested(CouponTable), load_default=dict
    )
    umbrellas = fields.Dict(
        fields.String(), fields.Nested(UmbrellaTable), load_default=dict
    )
    dunning = fields.Dict(
        fields.String(), fields.Nested(DunningTable), load_default=dict
    )
    grace = fields.Nested(GraceTable, load_default=None)
    zone = fields.String(load_default="UTC", validate=zone)
    goodwill = fields.List(Price(), load_default=list)
    reconcile = fields.Nested(
        ReconcileTable, load_default=lambda: ReconcileTable().load({})
    )
    mail = fields.Nested(MailTable, load_default=None)
    alerts = fields.Nested(AlertsTable, load_default=lambda: AlertsTable().load({}))
    log = fields.Nested(LogTable, load_default=lambda: LogTable().load({}))
    metrics = fields.Nested(MetricsTable, load_default=None)
    usage = fields.Nested(UsageTable, load_default=lambda: UsageTable().load({}))
