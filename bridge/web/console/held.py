"""Held money: paid, and not at the backend yet; where it goes a person says."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.store import operations, whereabouts
from bridge.store.holdings import Held
from bridge.store.lanes import INTAKE
from bridge.store.pages import waiting
from bridge.store.pages.waiting import Cursor
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, reason, text
from bridge.web.site import Go, Page

MOST = 50


class After(Form):
    since = fields.AwareDateTime(load_default=None)
    key = fields.String(load_default="", validate=validate.Length(max=300))


class Which(Form):
    key = text(required=True, most=300)


class Because(Which):
    because = reason()


class Taker(Because):
    to = text(required=True)


@console.get("/held", may=May.SEE, query=After)
def listed(asked: Asked) -> Page:
    since: datetime | None = asked.told["since"]
    after = Cursor(since, asked.told["key"]) if since else None
    with asked.parts.database.read() as tx:
        rows, more = waiting.held(tx, asked.scope, after, MOST)
    said = more and {"since": more.since.isoformat(), "key": more.key}
    older = said and f"/held?{urlencode(said)}"
    return Page("held", "Held money", {"rows": rows, "older": older, "intake": INTAKE})


@console.get("/held/sum", may=May.SEE, query=Which)
def one(asked: Asked) -> Page:
    with asked.parts.database.read() as tx:
        found = _held(tx, asked, asked.told["key"])
        source = found.key.partition(":")[0]
        shown: dict[str, Any] = {
            "one": found,
            "choices": _choices(tx, asked, found),
            "told": operations.of_events(tx, source, [found.event]),
            "topup": found.key.endswith("/topup"),
            "intake": INTAKE,
        }
    return Page("held_one", f"Held: {found.key}", shown)


def _choices(tx: sa.Connection, asked: Asked, found: Held) -> list[str]:
    """The accounts of the client it waits for."""
    client = found.owner.removeprefix(INTAKE)
    if client == found.owner:
        return []
    places = whereabouts.of_clients(tx, [client]).read().get(client, [])
    own = whereabouts.own(tx, [place.account for place in places]).read()
    return [id_ for id_, place in own.items() if asked.scope.covers(place.source)]


def _held(tx: sa.Connection, asked: Asked, key: str) -> Held:
    """Only what is of his sources: the path does not name it, so it is asked here."""
    found = waiting.held_one(tx, asked.scope, key)
    if found is None:
        raise LookupError(f'"{key}" is not held.')
    return found


def _mine(asked: Asked) -> str:
    with asked.parts.database.read() as tx:
        return _held(tx, asked, asked.told["key"]).key


@console.post("/held/move", may=May.MONEY, fresh=True, takes=Taker)
def move(asked: Asked) -> Go:
    key, to = _mine(asked), asked.told["to"]
    with asked.parts.database.read() as tx:
        to = whereabouts.of_service(tx, to) or to
        place = whereabouts.own(tx, [to]).read().get(to)
    if place is None or not asked.scope.covers(place.source):
        raise LookupError(f"There is no account {to}.")
    asked.order("money.move", key=key, to=to, because=asked.told["because"])
    return Go("/held", f"{key} goes to {to}.")


@console.post("/held/refund", may=May.MONEY, fresh=True, takes=Because)
def refund(asked: Asked) -> Go:
    key = _mine(asked)
    told = asked.order("money.refund", key=key, because=asked.told["because"])
    return Go("/held", f"{told['sum']} of {key} are not sent any more.")


@console.post("/held/retry", may=May.MONEY, fresh=True, takes=Because)
def retry(asked: Asked) -> Go:
    key = _mine(asked)
    told = asked.order("money.retry", key=key, because=asked.told["because"])
    return Go("/held", f"{key} is sent to {told['account']} again.")
