"""Who may log in, as what, and whose customers he sees."""

from __future__ import annotations

import re

from marshmallow import fields, validate

from bridge.access.roles import MAY, May, Role
from bridge.keys import hashed, random_token
from bridge.people import INVITED
from bridge.store import users
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, text
from bridge.web.site import Go, Page

ROLES = [role.value for role in Role]
NAME = validate.Regexp(re.compile(r"[^\s/@]+@[^\s/@]+\Z"), error="is no e-mail address")


class Add(Form):
    user = fields.String(required=True, validate=[validate.Length(3, 200), NAME])
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    sources = text(load_default=None, most=1000)


class Become(Form):
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    sources = text(load_default=None, most=1000)


@console.get("/users", may=May.AUDIT)
def every(asked: Asked) -> Page:
    """All there are, and what each role may do."""
    with asked.parts.database.read() as tx:
        found = users.everybody(tx)
    told = {
        "all": found,
        "roles": ROLES,
        "may": {role.value: sorted(MAY[role]) for role in Role},
        "sources": sorted(asked.parts.sources),
        "now": asked.now,
    }
    return Page("users", "Users", told)


@console.post("/users", may=May.USERS, fresh=True, takes=Add)
def add(asked: Asked) -> Page:
    """Let somebody in; the link by which he sets up his login is shown once."""
    told = asked.told
    return _invited(
        asked, "user.add", told["user"].lower(), role=told["role"],
        sources=own(asked, told["sources"]),
    )  # fmt: skip


@console.post("/users/<user>/invite", may=May.USERS, fresh=True)
def invite(asked: Asked, user: str) -> Page:
    """A new link: the password is forgotten, the phone lost, or he may come again."""
    return _invited(asked, "user.invite", user)


@console.post("/users/<user>/role", may=May.USERS, fresh=True, takes=Become)
def become(asked: Asked, user: str) -> Go:
    """He is something else from now on, and logs in anew."""
    sources = own(asked, asked.told["sources"])
    asked.order("user.role", user=user, role=asked.told["role"], sources=sources)
    return Go("/users", f"{user} is {asked.told['role']} from now on.")


@console.post("/users/<user>/end", may=May.USERS, fresh=True)
def end(asked: Asked, user: str) -> Go:
    """He may not come in any more, and is logged out at once."""
    asked.order("user.end", user=user, now=asked.now.isoformat())
    return Go("/users", f"{user} may not come in any more.")


def own(asked: Asked, written: str | None) -> list[str] | None:
    """The sources named, with commas; none is all of them."""
    names = [name.strip() for name in (written or "").split(",") if name.strip()]
    for name in names:
        if name not in asked.parts.sources:
            raise LookupError(
                f"There is no source {name}; one of: {', '.join(asked.parts.sources)}."
            )
    return names or None


def _invited(asked: Asked, order: str, user: str, **said: object) -> Page:
    token, now = random_token(), asked.now
    asked.order(order, user=user, hashed=hashed(token), now=now.isoformat(), **said)
    with asked.parts.database.read() as tx:
        if users.invited(tx, hashed(token), now) is None:
            # Sent twice: the link that holds is on the page that was shown first.
            raise LookupError("That was done already; the link was shown then.")
    link = f"{asked.parts.config.console.url}/setup/{token}"
    told = {"user": user, "link": link, "until": now + INVITED}
    return Page("invited", "Hand this link over", told)
