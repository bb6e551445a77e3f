"""Search: whatever somebody has in hand leads to where it is."""

from __future__ import annotations

from urllib.parse import quote

from marshmallow import fields

from bridge.access.roles import May
from bridge.store.pages import finding
from bridge.store.pages.finding import Hit
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form
from bridge.web.site import Go, Page

KINDS = {"account": "Accounts", "event": "Events", "attempt": "Attempts"}
PLACES = {"account": "/accounts", "event": "/events", "attempt": "/unsure"}


class Words(Form):
    q = fields.String(load_default="")


@console.get("/search", may=May.SEE, query=Words)
def search(asked: Asked) -> Page | Go:
    """One hit goes straight there."""
    words = asked.told["q"].strip()[:200]
    with asked.parts.database.read() as tx:
        sources = asked.scope.sources or asked.parts.sources.keys()
        there = asked.parts.backends
        hits = finding.found(tx, asked.scope, words, sources, there) if words else []
    if len(hits) == 1:
        return Go(place(hits[0]))
    kinds = {
        name: [(hit, place(hit)) for hit in hits if hit.kind == kind]
        for kind, name in KINDS.items()
    }
    return Page("search", "Search", {"q": words, "kinds": kinds, "some": bool(hits)})


def place(hit: Hit) -> str:
    return f"{PLACES[hit.kind]}/{quote(hit.name, safe='')}"
