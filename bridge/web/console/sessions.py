"""Who is logged in: oneself, and for owners everybody."""

from __future__ import annotations

from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.store import sessions
from bridge.web.access.steps import Stopped
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form
from bridge.web.site import Go, Page


class One(Form):
    session = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


@console.get("/sessions", may=May.SEE)
def every(asked: Asked) -> Page:
    """Where from, since when, and until when."""
    with asked.parts.database.read() as tx:
        if asked.may(May.USERS):
            found = sessions.of_all(tx, asked.now)
        else:
            found = sessions.of_user(tx, asked.who.name, asked.now)
    return Page("sessions", "Sessions", {"all": found, "mine": asked.session})


@console.post("/sessions/end", may=May.SEE, takes=One)
def end(asked: Asked) -> Go:
    """Log it out: one's own, or for owners anybody's."""
    with asked.parts.database.read() as tx:
        found = sessions.found(tx, asked.told["session"])
    if found is None:
        raise LookupError("That one is logged out already.")
    if found.user != asked.who.name and not asked.may(May.USERS):
        raise Stopped(403, "not_allowed", "Only owners log out somebody else.")
    asked.order("user.log_out", session=found.hash, user=found.user)
    return Go("/sessions", f"{found.user} is logged out there.")
