"""Events: what platforms told, what became of each, and what to do about it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge.access.roles import May
from bridge.store import confirmations, operations
from bridge.store.operations import Operation
from bridge.store.pages import event as pages
from bridge.store.pages import events as lists
from bridge.store.pages.events import TROUBLE, Listed, Wanted
from bridge.web.api import his
from bridge.web.api.fields import (
    Answer,
    Moment,
    Paged,
    Sum,
    because,
    many,
    maybe,
    one_of,
    page_of,
    said,
    shown,
)
from bridge.web.api.paging import number
from bridge.web.api.registry import api
from bridge.web.asked import Asked
from bridge.web.forms import Form
from bridge.words import render
from provisioning.core.events import Type
from provisioning.core.heard import Fate


class Events(Paged):
    fate = one_of(
        f"Only those that are so; {TROUBLE}: unsure, parked or refused.",
        [*(fate.value for fate in Fate), TROUBLE],
    )
    type = one_of("Only of this kind.", [type_.value for type_ in Type])
    source = said("Only this source's.", "shop")


class Event(Answer):
    operation = shown("Its own name here.", "op_k3m9x7qa")
    received = shown("When it came in.", kind=Moment)
    changed = shown("When its fate was last another.", kind=Moment)
    source = shown("Which platform told it.", "shop")
    event = shown("What the platform calls it.", "evt_4711")
    type = shown("What happened.", "topup.paid")
    service = maybe("To which service.", "shop:1001")
    account = shown("Whose it is, or which client's, while no account is known.")
    fate = shown("What became of it.", "done")
    why = maybe("Why it waits, or was refused.")


class Brought(Answer):
    key = shown("The key of the sum.", "shop:line-2/topup")
    kind = shown("What it is.", "topup")
    amount = shown("How much.", "20.00", Sum)
    currency = shown("ISO 4217.", "USD")
    state = shown("open, parked, settled or debt.", "settled")


class Agreed(Answer):
    by = maybe("Who agreed to it.", "ann@example.com")
    because = shown("Why.")
    at = shown("When.", kind=Moment, attribute="made_at")
    state = shown("What became of that: open, applied, changed or refused.")


class OneEvent(Event):
    request = shown("The body as it came, secrets blanked: JSON, or what it was.")
    sums = many("What money it brought.", Brought)
    approved = fields.Nested(
        Agreed, required=True, allow_none=True,
        metadata={"description": "Where somebody had to agree: who did."},
    )  # fmt: skip


@api.get("/events", may=May.SEE, query=Events, answers=page_of(Event))
def events(asked: Asked) -> dict[str, Any]:
    """What platforms told us, the newest first.

    What is seldom is not looked for in all there are: a page may be short, or empty,
    and go on all the same.
    """
    told, before = asked.told, number(asked.told.get("cursor"))
    wanted = Wanted(*(told.get(name) for name in ("fate", "type", "source")))
    with asked.parts.database.read() as tx:
        return _page(lists.listed(tx, asked.scope, wanted, before, told["limit"]))


@api.get("/accounts/<account>/events", may=May.SEE, query=Paged, answers=page_of(Event))
def events_of_account(asked: Asked, account: str) -> dict[str, Any]:
    """What platforms told of an account, the newest first."""
    owner, before = his.account(asked, account).id, number(asked.told.get("cursor"))
    with asked.parts.database.read() as tx:
        return _page(lists.of_lane(tx, owner, before, asked.told["limit"]))


def _page(found: Listed) -> dict[str, Any]:
    return {
        "items": [_event(row.told, row.received_at) for row in found.rows],
        "next": None if found.before is None else str(found.before),
    }


@api.get("/events/<operation>", may=May.SEE, answers=OneEvent)
def one_event(asked: Asked, operation: str) -> dict[str, Any]:
    """One event: its fate, why, what it brought, and the request as it came."""
    with asked.parts.database.read() as tx:
        found = operations.named(tx, operation)
        if found is None:
            raise LookupError(f"there is no event {operation}")
        came, sums = pages.came(tx, found.id), pages.sums(tx, found)
        approved = confirmations.of_operation(tx, found.id)
    return _event(found, came.received_at) | {
        "request": came.body,
        "sums": sums,
        "approved": approved,
    }


class RetriedEvent(Answer):
    retried = shown("The event.", "op_k3m9x7qa")


@api.post(
    "/events/<operation>/retry", may=May.PROVISION, takes=Form, answers=RetriedEvent
)
def retry_event(asked: Asked, operation: str) -> dict[str, Any]:
    """Plan a parked or refused event anew, after what stood in its way was mended."""
    return asked.order("event.retry", operation=operation)


class Decline(Form):
    because = because()


class Declined(Answer):
    declined = shown("The event.", "op_k3m9x7qa")
    account = shown("Whose it is; it is as it was.", "acc_k3m9x7qa")


@api.post(
    "/events/<operation>/decline", may=May.PROVISION, takes=Decline, answers=Declined
)
def decline_event(asked: Asked, operation: str) -> dict[str, Any]:
    """End a change that waits for an admin's word: it will not be done."""
    because_ = asked.told["because"]
    return asked.order(
        "event.decline", operation=operation, by=asked.who.name, because=because_
    )


def _event(found: Operation, received: Any) -> dict[str, Any]:
    return {
        "operation": found.name,
        "received": received,
        "changed": found.changed_at,
        "source": found.source,
        "event": found.event,
        "type": found.type,
        "service": found.service,
        "account": found.lane,
        "fate": found.fate.value,
        "why": render(found.why),
    }
