"""Customers whose accounts are there already become ours: shown, taken, let go."""

from __future__ import annotations

from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.bulk.fleet import PAGE
from bridge.keys import random_name
from bridge.roster import NEEDED, OPTIONAL, USER
from bridge.store import adopted, batches
from bridge.store.batches import Kind, Line
from bridge.store.pages import courses
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.console.reprovisions import LARGEST, LINES, LISTS, STILL, Confirm, known
from bridge.web.forms import Form, number, reason, text
from bridge.web.site import Go, Page

AT_ONCE = 20
"""Commits of one click: more is said again."""


class Begin(Form):
    source = text(required=True)
    file = fields.String(
        required=True, validate=validate.Length(1, LARGEST),
        error_messages={"required": "choose the file first"},
    )  # fmt: skip


class Part(Form):
    state = fields.String(
        load_default=None, validate=validate.OneOf([line.value for line in Line])
    )
    after = number(0, 2**62, load_default=0)
    live = fields.String(load_default="yes", validate=validate.OneOf(["yes", "no"]))


class Release(Form):
    because = reason()
    most = number(1, PAGE * AT_ONCE, load_default=PAGE * AT_ONCE)


@console.get("/adopt", may=May.RUN, whole=True)
def choose(asked: Asked) -> Page:
    """A list to be looked at, and the adoptions there were."""
    with asked.parts.database.read() as tx:
        told = {
            "before": batches.newest(tx, Kind.ADOPT, LISTS),
            "adopted": adopted.batches(tx),
            "sources": sorted(asked.parts.sources),
            "needed": [*NEEDED, " or ".join(USER)],
            "optional": OPTIONAL,
        }
    return Page("adopt", "Adopt", told)


@console.post("/adopt", may=May.PROVISION, takes=Begin)
def begin(asked: Asked) -> Go:
    """Look at which users it means; nothing is bound yet."""
    told = asked.told
    if told["source"] not in asked.parts.sources:
        raise LookupError(f'There is no source "{told["source"]}".')
    name = random_name(8)
    asked.order("batch.adopt", batch=name, by=asked.who.name, **told)
    return Go(f"/adopt/{name}")


@console.get("/adopt/<batch>", may=May.RUN, query=Part)
def follow(asked: Asked, batch: str) -> Page:
    """What each line would bind and what is wrong; then how far it is."""
    told = asked.told
    states = [Line(told["state"])] if told["state"] else []
    with asked.parts.database.read() as tx:
        found = known(tx, batch, Kind.ADOPT)
        course = courses.course(tx, found, asked.at)
        page = batches.lines(
            tx, batch, most=LINES + 1, after=told["after"], states=states
        )
        shown = {
            "batch": found,
            "course": course,
            "sorts": batches.sorts(tx, batch),
            "observed": adopted.count(tx, batch),
            "lines": page[:LINES],
            "next": page[LINES - 1].id if len(page) > LINES else None,
            "state": told["state"],
            "live": told["live"] == "yes",
            "most": PAGE * AT_ONCE,
        }
    still = STILL if course.moves and told["live"] == "yes" else None
    return Page("adoption", "An adoption", shown, again=still)


@console.post("/adopt/<batch>/confirm", may=May.PROVISION, fresh=True, takes=Confirm)
def confirm(asked: Asked, batch: str) -> Go:
    """Bind what is shown, with the balance that is there then."""
    because = asked.told["because"]
    asked.order("batch.confirm", batch=batch, by=asked.who.name, because=because)
    return Go(f"/adopt/{batch}", "Confirmed; they are bound one page after the other.")


@console.post("/adopt/<batch>/stop", may=May.PROVISION)
def stop(asked: Asked, batch: str) -> Go:
    """What is bound stays bound."""
    asked.order("batch.stop", batch=batch)
    return Go(f"/adopt/{batch}", "Stopped. What is bound stays bound.")


@console.post("/adopt/<batch>/release", may=May.PROVISION, fresh=True, takes=Release)
def release(asked: Asked, batch: str) -> Go:
    """They are brought in line, and paid; a part of them at a time."""
    because, left, released = asked.told["because"], asked.told["most"], 0
    while left > 0:
        said = {"because": because, "most": min(PAGE, left), "batch": batch}
        some = asked.order("adopt.release", **said)["released"]
        released, left = released + len(some), left - len(some)
        if not some:
            break
    with asked.parts.database.read() as tx:
        more = adopted.count(tx, batch)
    rest = f"; {more} are still only looked at" if more else ""
    return Go(f"/adopt/{batch}", f"{released} released{rest}.")


@console.post("/adopt/<batch>/undo", may=May.PROVISION, fresh=True, takes=Confirm)
def undo(asked: Asked, batch: str) -> Go:
    """Those that are only looked at are let go; at the backend nothing is done."""
    because, after, undone, stay = asked.told["because"], "", 0, dict[str, str]()
    for _ in range(AT_ONCE):
        said = {"batch": batch, "because": because, "most": PAGE, "after": after}
        told = asked.order("adopt.undo", **said)
        undone += len(told["undone"])
        stay |= told["kept"]
        after = told["last"]
        if not after:
            break
    kept = f"; {len(stay)} stay: {next(iter(stay.values()))}" if stay else ""
    more = "; say it again for the rest" if after else ""
    return Go(f"/adopt/{batch}", f"{undone} undone{kept}{more}.", bad=bool(stay))
