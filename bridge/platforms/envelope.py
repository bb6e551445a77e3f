"""The envelope of a signed webhook: what it may hold, what it must, and its Event."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import INCLUDE, RAISE, Schema, ValidationError

from bridge.platforms.base import Malformed, Problem, under
from bridge.platforms.strict import LARGEST_INT
from bridge.platforms.values import (
    Count,
    Currency,
    Email,
    Few,
    Flag,
    Moment,
    Money,
    Options,
    Part,
    Phone,
    Reference,
    Secret,
    Text,
    Word,
)
from provisioning.core.events import Event, Hold, Type
from provisioning.core.lifecycle import SALES

HIDDEN = "***"
MOST_OF_ONE = 10_000
OURS = "acct_"
LANGUAGE = re.compile(r"[a-z]{2,3}")
"""How our own account ids begin: a target may be one."""


# --- The whole: what is not named here is refused, with what is.


class Told(Schema):
    class Meta:
        unknown = RAISE

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        known = ", ".join(self.fields)
        self.error_messages |= {
            "type": "is not an object; write { }",
            "unknown": f"is not known here; leave it out, or use one of: {known}",
        }


class Account(Told):
    ref = Reference()
    email = Email(254)
    phone = Phone(40)
    name = Text(200)
    company = Text(200)
    country = Text(64)
    locale = Text(35)
    group = Text(200)


class Addon(Told):
    ref = Reference()
    product_ref = Reference(required=True)
    quantity = Count(1, 10_000)


class Service(Told):
    ref = Reference()
    username = Text(128)
    status = Text(64)
    product_ref = Reference()
    plan_ref = Reference()
    options = Options()
    addons = Few(Part(Addon))
    quantity = Count(1, 10_000)
    cycle = Text(64)
    period_start = Moment()
    period_end = Moment()
    trial_ends_at = Moment()
    trial = Flag()


class Amount(Told):
    amount = Money(required=True)
    currency = Currency(3, required=True)


class Billing(Told):
    order_ref = Reference()
    invoice_ref = Reference()
    line_ref = Reference()
    amount = Part(Amount)
    reason = Text(500)
    hold = Word(*Hold)


class Params(Told):
    password = Secret(1024)


class Data(Told):
    target = Reference()
    server = Reference()
    at = Word("now", "period_end")
    effective = Word("now", "period_end")
    password = Secret(1024)
    new_password = Secret(1024)
    newpassword = Secret(1024)
    oldpassword = Secret(1024)
    serverpassword = Secret(1024)
    serveraccesshash = Secret(1024)
    params = Part(Params)


class Envelope(Told):
    spec = Word("1", required=True)
    id = Reference()
    source = Reference()
    type = Reference(required=True)
    occurred_at = Moment(required=True)
    sequence = Count(0, LARGEST_INT)
    account = Part(Account)
    service = Part(Service)
    billing = Part(Billing)
    data = Part(Data)
    raw_ref = Reference()


class ForeignData(Data):
    """What belongs to a type we do not know: anything, and blanked when kept."""

    class Meta:
        unknown = INCLUDE


class Foreign(Envelope):
    """An envelope of a type we do not know: the plan parks it, the door does not."""

    data = Part(ForeignData)


KNOWN, FOREIGN = Envelope(), Foreign()
SECRETS = {name for name, field in Data().fields.items() if isinstance(field, Secret)}

NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    Type.ACTIVATE: (("service.ref",), ("service.plan_ref",), ("account.ref",)),
    Type.RENEWED: (("service.ref",), ("billing.line_ref", "service.period_start")),
    Type.SUSPEND: (("service.ref",),),
    Type.RESUME: (("service.ref",),),
    Type.TERMINATE: (("service.ref",),),
    Type.REINSTATE: (("service.ref",),),
    Type.CHANGE: (("service.ref",), ("service.plan_ref",)),
    Type.SYNC: (("service.ref",),),
    Type.TOPUP: (
        ("service.product_ref",),
        ("account.ref", "data.target", "service.ref"),
    ),
    Type.REVERSED: (("billing.line_ref",),),
    Type.UPDATED: (
        ("account.email", "account.group", "account.phone", "account.locale"),
        ("account.ref", "data.target", "service.ref"),
    ),
    Type.CREDENTIALS: (
        ("service.ref",),
        ("data.new_password", "data.newpassword", "data.password"),
    ),
    Type.PING: (),
}
"""What each type cannot do without; of several in one row, any one will do."""

WHEN: Mapping[str, str] = {Type.TERMINATE: "at", Type.CHANGE: "effective"}
"""Where in `data` it says from when a word counts."""

SOLD = {"service": "plan_ref", "topup": "product_ref"}
"""Which reference names what was sold, by the first word of the type."""


# --- The way in.


def event(told: Any, delivery: str, source: str, products: Mapping[str, str]) -> Event:
    """The one event an envelope tells. Malformed lists everything that is wrong."""
    wrong: Mapping[Any, Any] = {}
    try:
        loaded = _schema(told).load(told)
    except ValidationError as refused:
        loaded, wrong = refused.valid_data or {}, refused.messages_dict
    problems = {
        *_problems(wrong, "$"),
        *_missing(told),
        *_contradictions(loaded, delivery, source),
    }
    if problems:
        raise Malformed(*sorted(problems))
    return _event(loaded, delivery, source, products)


def kept(told: Mapping[str, Any]) -> str:
    """A proven envelope as people may read it."""
    return json.dumps(_shown(Part(_schema(told)), told), ensure_ascii=False)


def _schema(told: object) -> Schema:
    kind = _find(told, "type")
    return FOREIGN if isinstance(kind, str) and kind not in NEEDS else KNOWN


def _problems(wrong: Mapping[Any, Any], path: str) -> Iterator[Problem]:
    """Marshmallow's tree of messages, one by one."""
    for key, said in wrong.items():
        here = path if key == "_schema" else under(path, key)
        if isinstance(said, Mapping):
            yield from _problems(said, here)
        else:
            yield from (Problem(here, reason) for reason in said)


def _missing(told: object) -> Iterator[Problem]:
    kind = _find(told, "type")
    for paths in NEEDS.get(kind, ()) if isinstance(kind, str) else ():
        if all(_find(told, path) is None for path in paths):
            either = " or ".join(paths)
            yield Problem(
                f"$.{paths[0]}", f"is needed: {kind} cannot do without {either}"
            )


def _find(told: Any, path: str) -> Any:
    for name in path.split("."):
        told = told.get(name) if isinstance(told, dict) else None
    return told


def _contradictions(
    loaded: Mapping[str, Any], delivery: str, source: str
) -> Iterator[Problem]:
    if loaded.get("id", delivery) != delivery:
        yield Problem("$.id", "is not webhook-id; send one id in both, or leave it out")
    if loaded.get("source", source) != source:
        yield Problem("$.source", f'is not "{source}", as we call you; leave it out')
    service = loaded.get("service", {})
    if service.get("trial") and loaded.get("type") != Type.ACTIVATE:
        yield Problem(
            "$.service.trial", f"goes with {Type.ACTIVATE} only; leave it out elsewhere"
        )
    starts, ends = service.get("period_start"), service.get("period_end")
    if starts and ends and ends <= starts:
        yield Problem(
            "$.service.period_end",
            "is not after period_start; write the first moment after the period",
        )


def _event(
    loaded: Mapping[str, Any], delivery: str, source: str, products: Mapping[str, str]
) -> Event:
    account, service, billing, data = (
        loaded.get(part, {}) for part in ("account", "service", "billing", "data")
    )
    sold = service.get(SOLD.get(loaded["type"].partition(".")[0], ""))
    return Event(
        id=delivery,
        source=source,
        type=loaded["type"],
        occurred_at=loaded["occurred_at"],
        sequence=loaded.get("sequence", 0),
        client=_named(source, account.get("ref")),
        service=_named(source, service.get("ref")),
        target=target(source, data.get("target")),
        product=products.get(sold, sold),
        quantity=service.get("quantity"),
        extras=_extras(loaded["type"], service, products),
        currency=billing.get("amount", {}).get("currency"),
        line=_named(source, billing.get("line_ref")),
        invoice=billing.get("invoice_ref"),
        starts=service.get("period_start"),
        ends=service.get("period_end"),
        hold=Hold(billing.get("hold", Hold.BILLING)),
        at_period_end=data.get(WHEN.get(loaded["type"], "")) == "period_end",
        trial=service.get("trial", False),
        email=account.get("email"),
        phone=account.get("phone"),
        language=_language(account.get("locale")),
        group=account.get("group"),
        server=data.get("server"),
        secret=_secret(loaded["type"], data),
        besides=_besides(loaded["type"], service),
    )


def _language(locale: str | None) -> str | None:
    """Of "de-AT" and "de_AT" the "de". Whatever else stands there says nothing: no
    payment is turned away for it."""
    first = re.split("[-_]", locale or "")[0].casefold()
    return first if LANGUAGE.fullmatch(first) else None


def _secret(kind: str, data: Mapping[str, Any]) -> str | None:
    """The new one, by whichever of its names."""
    names = ("new_password", "newpassword", "password")
    told = (data.get(name) for name in names if kind == Type.CREDENTIALS)
    return next((secret for secret in told if secret), None)


def _besides(kind: str, service: Mapping[str, Any]) -> tuple[str, ...]:
    """What else was sold and is no number of anything: a person must say what it is."""
    if kind not in SALES:
        return ()
    options = service.get("options", {})
    return tuple(
        f"option {name}" for name, value in options.items() if not counts(value)
    )


def _extras(
    kind: str, service: Mapping[str, Any], products: Mapping[str, str]
) -> tuple[tuple[str, int], ...] | None:
    """Add-ons and options that are a number of something: both are add-ons to us."""
    if kind not in SALES or not {"addons", "options"} & set(service):
        return None
    told = [(one["product_ref"], one.get("quantity", 1))
            for one in service.get("addons", ())]  # fmt: skip
    options = service.get("options", {}).items()
    told += [(name, int(value)) for name, value in options if counts(value)]
    total: dict[str, int] = {}
    for ref, count in told:
        name = products.get(ref, ref)
        total[name] = total.get(name, 0) + count
    return tuple(sorted((name, count) for name, count in total.items() if count))


def counts(value: str | int) -> bool:
    """WHMCS writes numbers as text, too."""
    return str(value).isascii() and str(value).isdigit() and int(value) <= MOST_OF_ONE


def _named(source: str, ref: str | None) -> str | None:
    return None if ref is None else f"{source}:{ref}"


def target(source: str, ref: str | None) -> str | None:
    whole = ref is not None and ref.startswith((f"{source}:", OURS))
    return ref if whole else _named(source, ref)


def _shown(field: Any, value: Any) -> Any:
    """The value without its secrets; whatever no schema names counts as one."""
    match field:
        case None | Secret():
            return HIDDEN
        case Part():
            known = field.schema.fields
            return {name: _shown(known.get(name), one) for name, one in value.items()}
        case Few():
            return [_shown(field.inner, one) for one in value]
        case Options():
            return {
                name: HIDDEN if name.casefold() in SECRETS else one
                for name, one in value.items()
            }
        case _:
            return value
