"""Parked and refused events by their cause: what trying all of one again would do."""

from __future__ import annotations

from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.retrying import retried
from bridge.store import operations
from bridge.store.pages import waiting
from bridge.store.pages.waiting import STUCK
from bridge.web.asked import Asked
from bridge.web.console.events import ASKING
from bridge.web.console.registry import console
from bridge.web.forms import Form, many, reason
from bridge.web.site import Go, Page

TOGETHER = 50
"""Events planned and tried again at once: each backend is asked for each of them."""


class Cause(Form):
    fate = fields.String(required=True, validate=validate.OneOf(STUCK))
    code = fields.String(load_default="", validate=validate.Length(max=100))


class These(Form):
    operations = many(most=TOGETHER)
    because = reason()


@console.get("/stuck", may=May.SEE)
def grouped(asked: Asked) -> Page:
    with asked.parts.database.read() as tx:
        causes = waiting.causes(tx, asked.scope)
    return Page("stuck", "Parked and refused", {"causes": causes, "asking": ASKING})


@console.get("/stuck/plan", may=May.PROVISION, query=Cause)
def plan(asked: Asked) -> Page:
    """The oldest of them first; nothing is noted, and nothing sent."""
    told, parts = asked.told, asked.parts
    fate, code = told["fate"], told["code"]
    with parts.database.read() as tx:
        these = waiting.of_cause(tx, asked.scope, fate, code, TOGETHER + 1)
    seen = list(retried(these[:TOGETHER], parts.runner.desk, parts.editions))
    shown = {
        "rows": seen,
        "more": len(these) > TOGETHER,
        "fate": fate,
        "such_as": these[0].why if these else None,
        "going": sum(each.goes_on for each in seen),
    }
    return Page("stuck_plan", "Try these again", shown)


@console.post("/stuck", may=May.PROVISION, takes=These)
def retry(asked: Asked) -> Go:
    """Only what was shown; what went on by itself meanwhile is left alone."""
    names = asked.told["operations"]
    if not names:
        raise LookupError("Nothing is ticked.")
    with asked.parts.database.read() as tx:
        found = operations.all_named(tx, names)
    mine = [name for name, each in found.items() if asked.scope.covers(each.source)]
    told = asked.order(
        "event.retry_all", operations=sorted(mine), because=asked.told["because"]
    )
    left = f" {told['left']} went on meanwhile." if told["left"] else ""
    return Go("/stuck", f"{told['retried']} are planned anew.{left}")
