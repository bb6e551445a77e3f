"""The sources: what they sent last, and their secrets, which change without a gap."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from bridge import pasted, rotating
from bridge.access.roles import May
from bridge.keys import random_name
from bridge.rotating import Holding, Ring
from bridge.store import facts
from bridge.store.pages import requests
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, number, reason, text
from bridge.web.site import Go, Page

LINES = 50
STILL = 5
DAY = 86400.0


class Part(Form):
    before = number(1, 2**62, load_default=None)
    live = fields.String(load_default="no", validate=validate.OneOf(["yes", "no"]))


class Rotate(Form):
    because = reason()
    days = number(0, 90, required=True)
    secret = text(required=True, most=20)


class Why(Form):
    because = reason()


@console.get("/sources", may=May.RUN)
def every(asked: Asked) -> Page:
    """Each with when it was heard of last, and how its secrets stand."""
    parts = asked.parts
    mine = [name for name in parts.sources if asked.scope.covers(name)]
    with parts.database.read() as tx:
        last = requests.last(tx, mine)
        pulled = {name: facts.pulled(tx, name) for name in mine if name in parts.pulls}
    told = [
        {
            "name": name,
            "kind": parts.config.sources[name].get("kind"),
            "last": last.get(name),
            "quiet": asked.at - last[name] if name in last else None,
            "pulled": pulled.get(name),
            "secrets": _holding(asked, name),
        }
        for name in mine
    ]
    return Page("sources", "Sources", {"all": told})


@console.get("/sources/<source>", may=May.RUN, query=Part)
def one(asked: Asked, source: str) -> Page:
    """What it sends, as it comes, and its secrets."""
    parts, told = asked.parts, asked.told
    if source not in parts.sources:
        raise LookupError(f'There is no source "{source}".')
    with parts.database.read() as tx:
        page = requests.newest(tx, source, LINES + 1, told["before"])
    live = told["live"] == "yes" and told["before"] is None
    shown = {
        "source": source,
        "kind": parts.config.sources[source].get("kind"),
        "where": f"{_where(asked)}/hooks/{source}",
        "ring": source in parts.rings,
        "secrets": _secrets(asked, source),
        "lines": page[:LINES],
        "next": page[LINES - 1].id if len(page) > LINES else None,
        "live": live,
        "id": random_name(10),
    }
    return Page("source", f"Source {source}", shown, again=STILL if live else None)


@console.post("/sources/<source>/rotate", may=May.SECRETS, fresh=True, takes=Rotate)
def rotate(asked: Asked, source: str) -> Page | Go:
    """Make a new one; its text is on the answer to this, and nowhere else, ever."""
    ring, told = _ring(asked, source), asked.told
    new = rotating.new(asked.parts.keys, told["secret"])
    said = rotating.ordered(ring, new, told["days"] * DAY, asked.who.name, asked.now)
    done = asked.order("source.rotate", because=told["because"], **said)
    if rotating.newest(asked.parts.rings, source, asked.now) != rotating.raw(new):
        # Sent twice: what is kept is of the first, whose page was shown.
        raise LookupError(
            "It was rotated by this form already, and the secret was shown then. If it"
            " was not copied, open the page anew and rotate once more."
        )
    kind = str(asked.parts.config.sources[source].get("kind"))
    shown = {
        "source": source,
        "until": done["until"],
        "at_once": told["days"] == 0,
        "there": pasted.there(kind, source, new.text, _where(asked)),
        "kind": kind,
    }
    return Page("rotated", "Copy the new secret now", shown)


@console.post("/sources/<source>/end-overlap", may=May.SECRETS, fresh=True, takes=Why)
def end_overlap(asked: Asked, source: str) -> Go:
    """Only the newest holds from now on."""
    _ring(asked, source)
    because, now = asked.told["because"], asked.now.isoformat()
    asked.order("source.end_overlap", source=source, because=because, now=now)
    said = "Only the newest secret holds now; what is signed by an old one is refused."
    return Go(f"/sources/{source}", said)


def _ring(asked: Asked, source: str) -> Ring:
    ring = asked.parts.rings.get(source)
    if ring is None:
        raise LookupError(f"{source} has no secret that could be rotated here.")
    return ring


def _secrets(asked: Asked, source: str) -> list[dict[str, Any]]:
    ring = asked.parts.rings.get(source)
    every_ = rotating.all_of(ring) if ring else []
    return [
        {"one": one, "holds": _holds(one, asked), "left": _left(one, asked)}
        for one in every_
    ]


def _holds(one: Holding, asked: Asked) -> bool:
    return one.until is None or asked.now < one.until


def _left(one: Holding, asked: Asked) -> timedelta | None:
    return one.until - asked.now if one.until and asked.now < one.until else None


def _holding(asked: Asked, source: str) -> dict[str, Any]:
    found = _secrets(asked, source)
    holding = [each for each in found if each["holds"]]
    left = [each["left"] for each in holding if each["left"]]
    return {"many": len(holding), "left": min(left, default=None)}


def _where(asked: Asked) -> str:
    config = asked.parts.config
    return config.public_url or f"http://{config.serve.host}:{config.serve.port}"
