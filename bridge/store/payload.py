"""Events, marks and sentences as JSON, with the version of their shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from provisioning.core.account import Account, Mark, Next, Service
from provisioning.core.coupons import Coupon, Gone, Withdrawn
from provisioning.core.events import Event, Hold, Order, Type
from provisioning.core.lifecycle import SALES
from provisioning.core.pots import Pot, Purse
from provisioning.core.quotas import Tally
from provisioning.core.sentences import Sentence
from provisioning.core.shown import NOTHING, Push, Shown
from provisioning.core.splice import Activation
from provisioning.core.terms import Mode
from provisioning.core.umbrellas import Acting

Extras = tuple[tuple[str, int], ...]

VERSION = 2
SINCE = {
    "at_period_end": 2,
    "server": 2,
    "group": 2,
    "extras": 2,
    "trial": 2,
    Type.CHANGE: 2,
    Type.REINSTATE: 2,
    Type.SYNC: 2,
    Type.REVERSED: 2,
    Type.UPDATED: 2,
    Type.CREDENTIALS: 2,
    "secret": 2,
    "invoice": 2,
    "phone": 2,
    "language": 2,
    "ranks_at": 2,
    "approved": 2,
}
"""Fields and types older versions do not know: theirs to leave alone. A field is left
out where nothing is said, so that they take in all that they can understand."""

MOMENTS = {"occurred_at", "starts", "ends", "ranks_at"}
_COUPON = ("id", "kind", "owner", "by", "why", "line", "price")
OURS = {"arrival"}
"""Not part of what was told: the row's own id says it."""


class Newer(Exception):
    """Written by a newer version in a shape this one does not know: left to it."""


def from_event(event: Event) -> dict[str, Any]:
    told = {f.name: getattr(event, f.name) for f in fields(event) if f.name not in OURS}
    for name in SINCE:
        if told.get(name) in {None, False}:
            told.pop(name, None)
    shape = max(SINCE.get(name, 1) for name in (*told, event.type))
    if event.type in SALES and (event.quantity or 1) > 1:
        # The version before would deliver one of it.
        shape = max(shape, SINCE["extras"])
    return {"v": shape} | {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in told.items()
        if value is not None
    }


def to_event(payload: Mapping[str, Any], arrival: int) -> Event:
    if payload["v"] > VERSION:
        raise Newer(f"event {arrival} has shape {payload['v']}, known is {VERSION}")
    told: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name in MOMENTS else value
        for name, value in payload.items()
        if name != "v"
    }
    told["hold"] = Hold(told["hold"])
    told["besides"] = tuple(told["besides"])
    if "extras" in told:
        told["extras"] = tuple((name, count) for name, count in told["extras"])
    return Event(**told, arrival=arrival)


def from_marks(marks: Mapping[str, Mark]) -> dict[str, list[Any]]:
    return {
        topic: [
            m.yes,
            m.order.occurred_at.isoformat(),
            m.order.sequence,
            m.order.arrival,
        ]
        for topic, m in marks.items()
    }


def to_marks(kept: Mapping[str, Any]) -> dict[str, Mark]:
    return {
        topic: Mark(yes, Order(datetime.fromisoformat(at), sequence, arrival))
        for topic, (yes, at, sequence, arrival) in kept.items()
    }


def from_sold(service: Service) -> dict[str, Any] | None:
    """How many of it, with what, and what comes next, where it is not simply one."""
    if service.quantity == 1 and not service.extras and not service.next:
        return None
    kept = {"quantity": service.quantity, "extras": [list(e) for e in service.extras]}
    return kept | ({"next": _from_next(service.next)} if service.next else {})


def to_sold(kept: Mapping[str, Any] | None) -> tuple[int, Extras, Next | None]:
    if kept is None:
        return 1, (), None
    coming = kept.get("next")
    extras = tuple((name, count) for name, count in kept["extras"])
    return kept["quantity"], extras, _to_next(coming) if coming else None


def _from_next(coming: Next) -> dict[str, Any]:
    order, turned = coming.order, coming.turned
    return {
        "package": coming.package,
        "quantity": coming.quantity,
        "extras": None if coming.extras is None else [list(e) for e in coming.extras],
        "order": [order.occurred_at.isoformat(), order.sequence, order.arrival],
        "event": coming.event,
        "turned": turned and turned.isoformat(),
        "version": coming.version,
    }


def _to_next(kept: Mapping[str, Any]) -> Next:
    extras, (said, *count) = kept["extras"], kept["order"]
    return Next(
        kept["package"],
        kept["quantity"],
        None if extras is None else tuple((name, many) for name, many in extras),
        Order(datetime.fromisoformat(said), *count),
        kept["event"],
        datetime.fromisoformat(kept["turned"]) if kept["turned"] else None,
        kept["version"],
    )


def from_said(account: Account) -> dict[str, Any] | None:
    """What was last said of the customer, and what the backend has yet to hear.

    Nothing of his group is told without its mark."""
    if not account.marks and not account.tell:
        return None
    group = {"group": account.group} if account.group else {}
    return {
        "marks": from_marks(account.marks),
        "tell": sorted(account.tell),
    } | group


def to_said(
    kept: Mapping[str, Any] | None,
) -> tuple[Mapping[str, Mark], frozenset[str], str | None]:
    if kept is None:
        return {}, frozenset(), None
    return to_marks(kept["marks"]), frozenset(kept["tell"]), kept.get("group")


def from_shown(shown: Shown) -> dict[str, Any] | None:
    if shown == NOTHING:
        return None
    return {
        "pushes": [[push.after, push.days] for push in shown.pushes],
        "spared": shown.spared and shown.spared.isoformat(),
        "turns": shown.turns,
    }


def to_shown(kept: Mapping[str, Any] | None) -> Shown:
    if kept is None:
        return NOTHING
    spared = date.fromisoformat(kept["spared"]) if kept["spared"] else None
    pushes = tuple(Push(after, days) for after, days in kept["pushes"])
    return Shown(pushes, spared, kept["turns"])


def from_purse(purse: Purse | None) -> dict[str, Any] | None:
    if purse is None:
        return None
    pots = {
        service: [str(pot.left), str(pot.quota), pot.no, pot.interval]
        for service, pot in purse.pots.items()
    }
    return {
        "balance": str(purse.balance),
        "arrived": str(purse.arrived),
        "pots": pots,
    }


def to_purse(kept: Mapping[str, Any] | None) -> Purse | None:
    if kept is None:
        return None
    pots = {
        service: Pot(Decimal(left), Decimal(quota), no, interval)
        for service, (left, quota, no, interval) in kept["pots"].items()
    }
    return Purse(Decimal(kept["balance"]), Decimal(kept["arrived"]), pots)


def from_tallies(tallies: Mapping[tuple[str, str], Tally]) -> list[Any] | None:
    kept = [
        [service, name, tally.given, tally.most, *tally.since]
        for (service, name), tally in tallies.items()
    ]
    return kept or None


def to_tallies(kept: list[Any] | None) -> dict[tuple[str, str], Tally]:
    return {
        (service, name): Tally(given, most, (no, interval))
        for service, name, given, most, no, interval in kept or ()
    }


def from_acting(account: Account) -> dict[str, Any] | None:
    """The coupons switched on there, and what is spread over all of it."""
    if not account.activations and not account.umbrellas:
        return None
    return {
        "activations": [from_activation(each) for each in account.activations],
        "umbrellas": [
            [u.umbrella, u.starts.isoformat(), u.ends and u.ends.isoformat(), u.why]
            for u in account.umbrellas
        ],
    }


def to_acting(
    kept: Mapping[str, Any] | None,
) -> tuple[tuple[Activation, ...], tuple[Acting, ...]]:
    if kept is None:
        return (), ()
    return (
        tuple(to_activation(each) for each in kept["activations"]),
        tuple(_umbrella(*each) for each in kept["umbrellas"]),
    )


def _umbrella(name: str, starts: str, ends: str | None, why: str | None) -> Acting:
    until = datetime.fromisoformat(ends) if ends else None
    return Acting(name, datetime.fromisoformat(starts), until, why)


def from_activation(each: Activation) -> dict[str, Any]:
    return {
        "coupon": each.coupon,
        "service": each.service,
        "at": each.at.isoformat(),
        "lasts": each.lasts // timedelta(microseconds=1),
        "package": each.package,
        "rank": each.rank,
        "mode": each.mode.value,
    }


def to_activation(kept: Mapping[str, Any]) -> Activation:
    told = {
        **kept,
        "at": datetime.fromisoformat(kept["at"]),
        "lasts": timedelta(microseconds=kept["lasts"]),
        "mode": Mode(kept["mode"]),
    }
    return Activation(**told)


def from_coupon(each: Coupon) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in _COUPON}
    fate = from_fate(each.fate)
    return told | {"given_at": each.given_at.isoformat(), "fate": fate}


def to_coupon(kept: Mapping[str, Any]) -> Coupon:
    given_at, fate = datetime.fromisoformat(kept["given_at"]), to_fate(kept["fate"])
    return Coupon(**{**kept, "given_at": given_at, "fate": fate})


def from_fate(fate: Activation | Withdrawn | None) -> dict[str, Any] | None:
    match fate:
        case Activation():
            return {"used": from_activation(fate)}
        case Withdrawn(how, at, by, why):
            return {how.value: [at.isoformat(), by, why]}
    return None


def to_fate(kept: Mapping[str, Any] | None) -> Activation | Withdrawn | None:
    if kept is None:
        return None
    [(how, told)] = kept.items()
    if how == "used":
        return to_activation(told)
    at, by, why = told
    return Withdrawn(Gone(how), datetime.fromisoformat(at), by, why)


def from_sentence(sentence: Sentence | None) -> dict[str, Any] | None:
    return {"code": sentence.code, "parts": dict(sentence.parts)} if sentence else None


def to_sentence(kept: Mapping[str, Any] | None) -> Sentence | None:
    return the_sentence(kept) if kept else None


def the_sentence(kept: Mapping[str, Any]) -> Sentence:
    return Sentence(kept["code"], tuple(kept["parts"].items()))
