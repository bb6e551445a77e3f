"""Who asks, and what may be asked: the first calls of a new program."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge.access.roles import MAY, May
from bridge.store import api_keys
from bridge.web.api.fields import Answer, Moment, many, maybe, shown
from bridge.web.api.registry import api
from bridge.web.asked import Asked


class Me(Answer):
    name = shown("As it stands in the audit.", "key a7c2m9xk")
    role = shown("One of owner, operator, support, auditor and reseller.", "support")
    may = many("What this key may do.")
    sources = fields.List(
        fields.String(), required=True, allow_none=True,
        metadata={"description": "Whose customers it sees; null: all."},
    )  # fmt: skip
    now = shown("What due dates go by: business time.", kind=Moment)
    until = maybe("When the key ends by itself.", kind=Moment)


@api.get("/me", may=May.SEE, answers=Me)
def me(asked: Asked) -> dict[str, Any]:
    """Who this key is, and what it may do.

    A good first call: it needs nothing, and changes nothing.
    """
    sources = asked.scope.sources
    with asked.parts.database.read() as tx:
        key = api_keys.found(tx, asked.who.name.removeprefix("key "))
    return {
        "name": asked.who.name,
        "role": asked.who.role.value,
        "may": sorted(MAY[asked.who.role]),
        "sources": None if sources is None else sorted(sources),
        "now": asked.at,
        "until": key.until if key else None,
    }
