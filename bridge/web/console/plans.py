"""The plan of one account: shown, and then done as it was shown or not at all."""

from __future__ import annotations

from marshmallow import fields, validate

from bridge import planned
from bridge.access.roles import May
from bridge.preview import preview
from bridge.store import confirmations
from bridge.store.confirmations import State
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, number, reason
from bridge.web.site import Go, Page
from bridge.words import render

STILL = 2
"""Seconds until it is looked at anew."""


class Confirm(Form):
    hash = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))
    because = reason()


class Which(Form):
    no = number(1, 2**62, required=True)


@console.get("/accounts/<account>/plan", may=May.SEE)
def plan(asked: Asked, account: str) -> Page:
    """What would be done for it now; nothing is."""
    return _page(asked, account)


@console.post("/accounts/<account>/plan", may=May.PROVISION, fresh=True, takes=Confirm)
def confirm(asked: Asked, account: str) -> Page | Go:
    """Have it done as it was shown. Where it is another by now, nothing is sent."""
    desk, told = asked.parts.runner.desk, asked.told
    _, todo = preview(account, desk, asked.parts.editions)
    number_ = None
    if todo.hash == told["hash"]:
        said = planned.ordered(todo, told["because"], asked.who.name)
        number_ = asked.order("plan.apply", **said)["confirmation"]
    if number_ is None:
        return _page(asked, account, told["because"], changed=True)
    return Go(f"/accounts/{todo.account.id}/confirmed?no={number_}")


@console.get("/accounts/<account>/confirmed", may=May.SEE, query=Which)
def confirmed(asked: Asked, account: str) -> Page:
    """What became of a plan that was confirmed."""
    with asked.parts.database.read() as tx:
        found = confirmations.numbered(tx, asked.told["no"])
    if found is None or found.account != account:
        raise LookupError(f"no plan of {account} was confirmed under that number")
    told = {"account": account, "found": found, "why": render(found.why)}
    still = STILL if found.state is State.OPEN else None
    return Page("confirmed", "A confirmed plan", told, again=still)


def _page(
    asked: Asked, account: str, because: str = "", *, changed: bool = False
) -> Page:
    job, todo = preview(account, asked.parts.runner.desk, asked.parts.editions)
    told = {
        "account": todo.account.id,
        "told": planned.told(job, todo),
        "sums": planned.sums(todo),
        "room": planned.guard(job, todo),
        "changed": changed,
        "because": because,
    }
    title = f"Plan of {todo.account.username}"
    return Page("plan", title, told, 409 if changed else 200)
