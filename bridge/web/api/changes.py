"""Changes of package that wait for an admin: what each would do, and yes to it."""

from __future__ import annotations

from typing import Any

from bridge import agreeing
from bridge.access.roles import May
from bridge.store import operations
from bridge.web.access.steps import Stopped
from bridge.web.api.accounts import CHANGED, Confirm, Confirmed, as_shown
from bridge.web.api.fields import (
    Answer,
    Moment,
    Paged,
    many,
    maybe,
    page_of,
    shown,
)
from bridge.web.api.paging import number, page
from bridge.web.api.registry import api
from bridge.web.api.shops import Settle, Settled
from bridge.web.asked import Asked


class Change(Answer):
    event = shown("By it, say yes or no.", "op_k3m9x7qa")
    account = shown("Whose package it is.", "acc_k3m9x7qa")
    service = maybe("Which.", "shop:1001")
    from_ = maybe("What is had.", "1 x starter", data_key="from", attribute="from")
    to = maybe("What is asked for.", "1 x gold")


class Waiting(Change):
    since = shown("Since when it waits.", kind=Moment)


class OneChange(Change):
    asked = shown("When the customer asked.", "2026-11-30 12:00 UTC")
    when = shown("When it would be so: at once, or with the next period.", "at once")
    due = maybe("What it costs by our list; its platform bills it.", "13.33 USD")
    lines = many("Each position of that.")
    losses = many("What would be less than before.")
    steps = many("What would be done at the backend.")
    hash = shown("Of all that. Send it to agree.")


@api.get("/changes", may=May.SEE, query=Paged, answers=page_of(Waiting))
def changes(asked: Asked) -> dict[str, Any]:
    """Changes that wait for somebody's word, the oldest first."""
    after = number(asked.told.get("cursor")) or 0
    with asked.parts.database.read() as tx:
        found = [
            each
            for each in operations.asking(tx)
            if each.id > after and asked.scope.covers(each.source)
        ]
    return page(
        asked,
        lambda _, most: found[:most],
        lambda one: one.id,
        lambda one: agreeing.waiting([one])[0],
    )


@api.get("/changes/<change>", may=May.SEE, answers=OneChange)
def one_change(asked: Asked, change: str) -> dict[str, Any]:
    """What agreeing would do, and cost. Nothing is done."""
    return agreeing.told(agreeing.proposed(asked.parts, change))


@api.post(
    "/changes/<change>/approve", may=May.PROVISION, takes=Confirm, answers=Confirmed
)
def approve(asked: Asked, change: str) -> dict[str, Any]:
    """Agree to it as it was shown; to say no, decline the event.

    Where it would be something else by now, nothing is sent: look again.
    """
    found = agreeing.proposed(asked.parts, change)
    said = found.ordered(asked.told["because"], asked.who.name)
    return as_shown(asked, found.hash, said)


@api.get("/orders/<order>/change", may=May.SEE, answers=OneChange)
def asked_change(asked: Asked, order: str) -> dict[str, Any]:
    """What an order that waits for a yes would do once it is paid. Nothing is done."""
    return agreeing.told(agreeing.proposed(asked.parts, order))


@api.post("/orders/<order>/approve", may=May.PROVISION, takes=Confirm, answers=Settled)
def approve_order(asked: Asked, order: str) -> dict[str, Any]:
    """Agree to it as it was shown: its customer is mailed that he can pay it."""
    found = agreeing.proposed(asked.parts, order)
    if found.hash != asked.told["hash"]:
        raise Stopped(409, "changed", CHANGED)
    return _answered(asked, "shop.approve", order)


@api.post("/orders/<order>/decline", may=May.PROVISION, takes=Settle, answers=Settled)
def decline_order(asked: Asked, order: str) -> dict[str, Any]:
    """Nothing is paid and nothing changes; its customer is mailed why."""
    return _answered(asked, "shop.decline", order)


def _answered(asked: Asked, what: str, order: str) -> dict[str, Any]:
    told = asked.order(
        what, order=order, by=asked.who.name, because=asked.told["because"],
        channel=asked.parts.config.login_channel,
    )  # fmt: skip
    return {"order": order, "state": told["state"]}
