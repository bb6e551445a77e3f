"""The whole file, key by key: what may stand there, and what it is made of."""

from __future__ import annotations

from datetime import timedelta
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

from bridge.config.addresses import base
from bridge.config.commerce import CouponTable, FamilyTable, UmbrellaTable
from bridge.config.dunning import DunningTable, GraceTable
from bridge.config.mailing import AlertsTable, BrandTable, HookTable, MailTable
from bridge.config.packages import PackageTable, TopUpTable
from bridge.config.reconciling import ReconcileTable
from bridge.config.shops import ShopTable, StreetTable
from bridge.config.values import Console, Metrics, Serve, Usage
from bridge.config.written import Moment, Price, Strict, zone
from provisioning.dialling import is_here


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
