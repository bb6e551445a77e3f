"""Events: what platforms told, what became of each, and all that it led to."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.preview import preview
from bridge.retrying import Retried, retried
from bridge.steps import steps
from bridge.store import operations
from bridge.store.lanes import INTAKE
from bridge.store.operations import Operation
from bridge.store.pages import event, events, waiting
from bridge.store.pages.events import TROUBLE, Wanted
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, number, reason
from bridge.web.site import Go, Page
from provisioning.core.events import Type
from provisioning.core.heard import Fate
from provisioning.core.outcomes import Outcome

MOST = 50
FATES = [TROUBLE, *Fate]
TYPES = list(Type)
STUCK = {Fate.PARKED, Fate.REFUSED, Fate.UNSURE, Fate.WORKING}
ASKING = "approval_first"
"""Why a change is parked that somebody has to agree to."""


class Which(Form):
    fate = fields.String(load_default="", validate=validate.OneOf(["", *FATES]))
    type = fields.String(load_default="", validate=validate.OneOf(["", *TYPES]))
    source = fields.String(load_default="", validate=validate.Length(max=200))
    before = number(1, 2**62, load_default=None)


class Looking(Form):
    look = fields.String(load_default="")


class Because(Form):
    because = reason()


@console.get("/events", may=May.SEE, query=Which)
def listed(asked: Asked) -> Page:
    told = asked.told
    wanted = Wanted(told["fate"] or None, told["type"] or None, told["source"] or None)
    with asked.parts.database.read() as tx:
        found = events.listed(tx, asked.scope, wanted, told["before"], MOST)
    chosen = {name: told[name] for name in ("fate", "type", "source") if told[name]}
    older = found.before and f"/events?{urlencode(chosen | {'before': found.before})}"
    return Page(
        "events", "Events",
        {
            "rows": found.rows,
            "older": older,
            "chosen": told,
            "fates": FATES,
            "types": TYPES,
            "sources": sorted(asked.scope.sources or asked.parts.sources),
        },
    )  # fmt: skip


@console.get("/events/<operation>", may=May.SEE, query=Looking)
def one(asked: Asked, operation: str) -> Page:
    """*look*: what would be done for its account now; its backend is asked for it."""
    with asked.parts.database.read() as tx:
        told = _named(operations.named(tx, operation), operation)
        came = event.came(tx, told.id)
        sums = event.sums(tx, told)
        keys = [sum_.key for sum_ in sums]
        shown = {
            "told": told,
            "came": came,
            "body": _pretty(came.body),
            "sums": sums,
            "entries": event.entries(tx, keys),
            "calls": event.calls(tx, told, keys, came.received_at),
            "messages": event.messages(tx, told),
            "acts": event.acts(tx, [operation], MOST) if asked.may(May.AUDIT) else None,
        }  # fmt: skip
    return Page(
        "event", f"Event {told.event}",
        shown
        | {
            "account": None if told.lane.startswith(INTAKE) else told.lane,
            "todo": _todo(asked, told) if asked.told["look"] else None,
            "stuck": told.fate in STUCK,
            "asks": bool(told.why and told.why.code == ASKING),
        },
    )  # fmt: skip


@console.post("/events/<operation>/retry", may=May.PROVISION, takes=Because)
def retry(asked: Asked, operation: str) -> Go:
    asked.order("event.retry", operation=operation, because=asked.told["because"])
    return Go(f"/events/{operation}", "It is planned anew.")


@console.post("/events/<operation>/decline", may=May.PROVISION, takes=Because)
def decline(asked: Asked, operation: str) -> Go:
    because, by = asked.told["because"], asked.who.name
    asked.order("event.decline", operation=operation, by=by, because=because)
    return Go(f"/events/{operation}", "The change is declined.")


def _named(found: Operation | None, name: str) -> Operation:
    if found is None:
        raise LookupError(f'There is no event "{name}".')
    return found


def _todo(asked: Asked, told: Operation) -> Retried:
    """What is parked or refused, as if it were planned anew; else what goes on."""
    desk, editions = asked.parts.runner.desk, asked.parts.editions
    if told.fate in waiting.STUCK:
        return next(retried([told], desk, editions))
    try:
        _, todo = preview(told.lane, desk, editions)
    except (Outcome, LookupError) as no:
        return Retried(told, fault=str(no))
    return Retried(told, tuple(steps(todo)))


def _pretty(body: str) -> str:
    """As it was kept: its secrets were blanked at the door."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
