"""Many accounts: what would be done for all of them first, then exactly that."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.bulk.many import STATES, summed
from bridge.keys import random_name
from bridge.store import batches, switchoffs
from bridge.store.batches import Batch, Kind, Line
from bridge.store.confirmations import State as Confirmed
from bridge.store.pages import courses
from bridge.store.payload import to_sentence
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, number, reason, text
from bridge.web.site import Go, Page

LISTS, LINES = 20, 100
STILL = 3
LARGEST = 700_000
"""Letters of a file: more than twenty thousand names."""


FOUND = [line for line in Line if line is not Line.NAMED]


class Begin(Form):
    names = fields.String(load_default="", validate=validate.Length(max=LARGEST))
    file = fields.String(load_default="", validate=validate.Length(max=LARGEST))
    backend = text(load_default=None)
    package = text(load_default=None)
    source = text(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    limit = number(1, 10**6, load_default=None)


class Confirm(Form):
    because = reason()


class Part(Form):
    sort = text(load_default=None, most=2000)
    after = number(0, 2**62, load_default=0)
    live = fields.String(load_default="yes", validate=validate.OneOf(["yes", "no"]))


@console.get("/reprovision", may=May.RUN, whole=True)
def choose(asked: Asked) -> Page:
    """Which accounts are to be looked at, and what was looked at before."""
    parts = asked.parts
    with parts.database.read() as tx:
        before = batches.newest(tx, Kind.REPROVISION, LISTS)
        packages = sorted(parts.editions.now(tx).packages)
    told = {
        "before": before,
        "backends": sorted(parts.backends),
        "packages": packages,
        "sources": sorted(parts.sources),
        "states": STATES,
    }
    return Page("reprovision", "Re-provision", told)


@console.post("/reprovision", may=May.PROVISION, takes=Begin)
def begin(asked: Asked) -> Go:
    """Look at them; nothing is done yet."""
    told = asked.told
    lines = f"{told['names']}\n{told['file']}".splitlines()
    names = list(dict.fromkeys(filter(None, map(str.strip, lines))))
    which = {n: told[n] for n in ("backend", "package", "source", "state", "limit")}
    name = random_name(10)
    asked.order("batch.begin", batch=name, which=which, by=asked.who.name, names=names)
    return Go(f"/reprovision/{name}")


@console.get("/reprovision/<batch>", may=May.RUN, query=Part)
def follow(asked: Asked, batch: str) -> Page:
    """What was found, counted and by what changes; and how far it is."""
    told = asked.told
    with asked.parts.database.read() as tx:
        found = known(tx, batch, Kind.REPROVISION)
        course = courses.course(tx, found, asked.at)
        sums = summed(batches.contents(tx, batch))
        page = batches.lines(
            tx, batch, most=LINES + 1, after=told["after"], sort=told["sort"],
            states=FOUND,
        )  # fmt: skip
        shown = {
            "course": course,
            "batch": found,
            "sums": sums,
            "sorts": batches.sorts(tx, batch),
            "rooms": _rooms(asked, tx, sums.off),
            "lines": page[:LINES],
            "next": page[LINES - 1].id if len(page) > LINES else None,
            "sort": told["sort"],
            "live": told["live"] == "yes",
            "trouble": _trouble(tx, batch),
        }
    still = STILL if course.moves and told["live"] == "yes" else None
    return Page("batch", "Re-provision a list", shown, again=still)


@console.post(
    "/reprovision/<batch>/confirm", may=May.PROVISION, fresh=True, takes=Confirm
)
def confirm(asked: Asked, batch: str) -> Go:
    """Each as it was shown, or not at all."""
    because = asked.told["because"]
    asked.order("batch.confirm", batch=batch, by=asked.who.name, because=because)
    return Go(f"/reprovision/{batch}", "Confirmed; it is done one after the other.")


@console.post("/reprovision/<batch>/stop", may=May.PROVISION)
def stop(asked: Asked, batch: str) -> Go:
    """What was given out goes on; nothing more is."""
    asked.order("batch.stop", batch=batch)
    said = "Stopped. What is under way ends by itself; nothing more is begun."
    return Go(f"/reprovision/{batch}", said)


def known(tx: sa.Connection, name: str, kind: Kind) -> Batch:
    found = batches.named(tx, name)
    if found is None or found.kind is not kind:
        raise LookupError(f'There is no list "{name}"; lists are kept for 30 days.')
    return found


def _rooms(asked: Asked, tx: sa.Connection, off: Any) -> list[dict[str, Any]]:
    """Of each backend on which some would be switched off: how many may be."""
    caps, at = asked.parts.config.caps, asked.at
    return [
        {
            "backend": name,
            "off": many,
            "room": switchoffs.room(
                tx, name, at, caps[name].off_share, caps[name].off_least
            ),
        }
        for name, many in off.items()
        if name in caps
    ]


def _trouble(tx: sa.Connection, batch: str) -> list[dict[str, Any]]:
    found = []
    for state in (Confirmed.REFUSED, Confirmed.CHANGED):
        found += [
            {"account": account, "state": state.value, "why": to_sentence(why)}
            for account, why in batches.ended(tx, batch, state, LISTS)
        ]
    return found
