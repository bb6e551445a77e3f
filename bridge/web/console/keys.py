"""Keys of programs that ask and act by the API."""

from __future__ import annotations

from datetime import timedelta

from marshmallow import fields, validate

from bridge.access import tokens
from bridge.access.roles import May
from bridge.store import api_keys
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.console.users import ROLES, own
from bridge.web.forms import Form, number, text
from bridge.web.site import Go, Page


class Create(Form):
    label = text(required=True, most=100)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    sources = text(load_default=None, most=1000)
    days = number(1, 3650, load_default=None)


@console.get("/keys", may=May.AUDIT)
def every(asked: Asked) -> Page:
    """Those that hold first; never what they are."""
    with asked.parts.database.read() as tx:
        found = api_keys.all_made(tx)
    told = {
        "all": found,
        "now": asked.now,
        "roles": ROLES,
        "sources": sorted(asked.parts.sources),
    }
    return Page("keys", "Keys of programs", told)


@console.post("/keys", may=May.SECRETS, fresh=True, takes=Create)
def create(asked: Asked) -> Page:
    """A new one; it is on the answer to this, and kept nowhere."""
    token, told, now = tokens.new(), asked.told, asked.now
    days = told["days"]
    asked.order(
        "key.add", api_key=token.id, hashed=token.hash, label=told["label"],
        role=told["role"], sources=own(asked, told["sources"]), by=asked.who.name,
        until=(now + timedelta(days=days)).isoformat() if days else None,
        now=now.isoformat(),
    )  # fmt: skip
    shown = {"text": token.text, "label": told["label"]}
    return Page("key", "Copy the key now", shown)


@console.post("/keys/<key>/revoke", may=May.SECRETS, fresh=True)
def revoke(asked: Asked, key: str) -> Go:
    """It opens nothing any more, from now on."""
    asked.order("key.end", api_key=key, now=asked.now.isoformat())
    return Go("/keys", f"Key {key} is revoked.")
