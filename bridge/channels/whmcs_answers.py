"""What the API of WHMCS answers, made regular: it writes one thing in many ways.

Numbers come as text, an empty list as "", one of a list alone without its list, a day
that is none as 0000-00-00 (developers.whmcs.com, API reference).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

NEVER = "0000-00-00"


class Number(fields.Field[int]):
    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if isinstance(value, int | str) and not isinstance(value, bool):
            said = str(value).strip()
            if said.isascii() and said.isdecimal():
                return int(said)
        raise ValidationError("is no whole number")


class Day(fields.Field[date | None]):
    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date | None:
        moment = _moment(value)
        return moment.date() if moment else None


class Clock(fields.Field[datetime | None]):
    """A moment by the clock of WHMCS: without its zone."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime | None:
        return _moment(value)


def _moment(value: object) -> datetime | None:
    if value in (None, "") or (isinstance(value, str) and value.startswith(NEVER)):
        return None
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        raise ValidationError("is no day as 2026-11-30") from None


class Listed(fields.Field[list[Any]]):
    """`{"product": [...]}`, `{"product": {...}}`, `[...]` or "" for none."""

    def __init__(self, inner: type[Schema], within: str) -> None:
        super().__init__(load_default=list)
        self._inner, self._within = inner(many=True), within

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[Any]:
        if isinstance(value, Mapping):
            value = value.get(self._within, value or [])
        if value == "":
            return []
        told = [value] if isinstance(value, Mapping) else value
        return cast("list[Any]", self._inner.load(told))


class Told(Schema):
    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True, slots=True)
class Product:
    """A service of a client, as WHMCS has it."""

    id: int
    client: int
    product: int
    status: str
    username: str
    registered: date | None
    reason: str
    due: date | None = None
    spared: date | None = None
    """The last day on which it is not suspended by itself."""

    subscription: str = ""
    """A gateway's, that charges for it."""

    options: tuple[tuple[str, str], ...] = ()
    """Configurable options by their names, and what of each was chosen."""

    custom: tuple[tuple[str, str], ...] = ()
    """Likewise its custom fields."""


class OptionTold(Told):
    option = fields.String(load_default="")
    value = fields.Raw(load_default="", allow_none=True)

    @post_load
    def made(self, told: dict[str, Any], **_: Any) -> tuple[str, str]:
        return told["option"].strip(), _text(told["value"])


class FieldTold(Told):
    name = fields.String(load_default="")
    value = fields.Raw(load_default="", allow_none=True)

    @post_load
    def made(self, told: dict[str, Any], **_: Any) -> tuple[str, str]:
        return told["name"].strip(), _text(told["value"])


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


class Flag(fields.Field[bool]):
    """ "on", 1 or "1"; "", 0 or "off" (seen in its reference and in its samples)."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        return str(value).strip().casefold() in {"on", "1", "true"}


class ProductTold(Told):
    id = Number(required=True)
    clientid = Number(required=True)
    pid = Number(required=True)
    status = fields.String(required=True)
    username = fields.String(load_default="", allow_none=True)
    regdate = Day(load_default=None, allow_none=True)
    suspensionreason = fields.String(load_default="", allow_none=True)
    nextduedate = Day(load_default=None, allow_none=True)
    # Spelled so by WHMCS.
    overideautosuspend = Flag(load_default=False, allow_none=True)
    overidesuspenduntil = Day(load_default=None, allow_none=True)
    subscriptionid = fields.String(load_default="", allow_none=True)
    configoptions = Listed(OptionTold, "configoption")
    customfields = Listed(FieldTold, "customfield")

    @post_load
    def made(self, told: dict[str, Any], **_: Any) -> Product:
        # Set without a day it is never suspended: that is somebody's own word.
        until = told["overidesuspenduntil"] or date.max
        return Product(
            told["id"], told["clientid"], told["pid"], told["status"],
            told["username"] or "", told["regdate"], told["suspensionreason"] or "",
            told["nextduedate"], until if told["overideautosuspend"] else None,
            told["subscriptionid"] or "", tuple(told["configoptions"]),
            tuple(told["customfields"]),
        )  # fmt: skip


class Products(Told):
    totalresults = Number(load_default=0)
    products = Listed(ProductTold, "product")


@dataclass(frozen=True, slots=True)
class Invoice:
    """One of a list: without what it is for."""

    id: int
    client: int
    made: date | None
    paid: datetime | None
    status: str


class InvoiceTold(Told):
    id = Number(required=True)
    userid = Number(required=True)
    date = Day(load_default=None, allow_none=True)
    datepaid = Clock(load_default=None, allow_none=True)
    status = fields.String(load_default="", allow_none=True)

    @post_load
    def made(self, told: dict[str, Any], **_: Any) -> Invoice:
        return Invoice(
            told["id"], told["userid"], told["date"], told["datepaid"],
            told["status"] or "",
        )  # fmt: skip


class Invoices(Told):
    totalresults = Number(load_default=0)
    invoices = Listed(InvoiceTold, "invoice")


@dataclass(frozen=True, slots=True)
class Line:
    """What one position of an invoice pays for: its id is the identity of the money."""

    id: int
    type: str
    of: int


class LineTold(Told):
    id = Number(required=True)
    type = fields.String(load_default="", allow_none=True)
    relid = Number(load_default=0, allow_none=True)

    @post_load
    def made(self, told: dict[str, Any], **_: Any) -> Line:
        return Line(told["id"], told["type"] or "", told["relid"] or 0)


class Lines(Told):
    status = fields.String(required=True)
    userid = Number(required=True)
    duedate = Day(load_default=None, allow_none=True)
    datepaid = Clock(load_default=None, allow_none=True)
    items = Listed(LineTold, "item")


class QueuedTold(Told):
    id = Number(required=True)
    serviceType = fields.String(load_default="")  # noqa: N815 - as WHMCS writes it
    serviceId = Number(required=True)  # noqa: N815 - as WHMCS writes it
    moduleName = fields.String(load_default="")  # noqa: N815 - as WHMCS writes it
    moduleAction = fields.String(load_default="")  # noqa: N815 - as WHMCS writes it
    lastAttemptError = fields.String(load_default="", allow_none=True)  # noqa: N815 - as WHMCS writes it


class Queue(Told):
    queue = Listed(QueuedTold, "queue")


@dataclass(frozen=True, slots=True)
class Addon:
    """*addon*: which one is sold; *service*: the one it hangs on."""

    id: int
    addon: int
    service: int
    registered: date | None = None


class AddonTold(Told):
    id = Number(required=True)
    addonid = Number(required=True)
    serviceid = Number(required=True)
    regdate = Day(load_default=None, allow_none=True)

    @post_load
    def made(self, told: dict[str, Any], **_: Any) -> Addon:
        return Addon(told["id"], told["addonid"], told["serviceid"], told["regdate"])


class Addons(Told):
    addons = Listed(AddonTold, "addon")


class Client(Told):
    email = fields.String(load_default=None, allow_none=True)


class Details(Told):
    client = fields.Nested(Client, required=True)


def _texts(several: str, one: str, text: str) -> type[Schema]:
    """A list of which one text each is looked through."""
    each = Told.from_dict({text: fields.String(load_default="", allow_none=True)})
    told: dict[str, fields.Field[Any]] = {
        "totalresults": Number(load_default=0),
        several: Listed(each, one),
    }
    return Told.from_dict(told)


Mails = _texts("emails", "email", "message")
Activity = _texts("activity", "entry", "description")
Credits = _texts("credits", "credit", "description")
Tickets = _texts("tickets", "ticket", "subject")
