"""Many accounts: what would be done for all of them first, then exactly that."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.bulk.many import STATES, summed
from bridge.keys import random_name
from bridge.store import batches as store
from bridge.store.batches import Batch, Kind, Line
from bridge.store.pages import courses
from bridge.store.pages.courses import Progress
from bridge.web.access.steps import Stopped
from bridge.web.api.fields import (
    Answer,
    Moment,
    Paged,
    Sum,
    because,
    many,
    maybe,
    one_of,
    page_of,
    said,
    shown,
    whole,
)
from bridge.web.api.paging import number, page
from bridge.web.api.registry import api
from bridge.web.asked import Asked
from bridge.web.forms import Form

NAMES = 5000
"""In one request; a filter chooses any number."""

NEWEST = 50
WHICH = ("backend", "package", "source", "state", "limit")


class Begin(Form):
    names = fields.List(
        said("An account or a service.", "shop:1001"),
        validate=validate.Length(1, NAMES),
        metadata={"description": "These alone; else all that match the rest."},
    )
    backend = said("Only those on this backend.", "main")
    package = said("Only those that were sold this package.", "starter")
    source = said("Only this source's.", "shop")
    state = one_of("Only those that should be so.", STATES)
    limit = whole("Look at so many at most.", 500, 1, 10**6)


class Begun(Answer):
    batch = shown("Its name: by it, ask how far it is.", "k3m9x7qa2b")
    total = shown("So many are looked at.", 500, fields.Integer)


class Course(Answer):
    done = shown("So many.", 120, fields.Integer)
    of = maybe("Of so many.", 500, fields.Integer)
    rate = shown("How many a second.", 8.5, fields.Float)
    seconds_left = maybe("As long as it takes, if it goes on so.", 45.0, fields.Float)


class Brief(Answer):
    batch = shown("Its name.", "k3m9x7qa2b")
    state = shown("looking, shown, applying, done or stopped.", "shown")
    by = shown("Who began it.", "ann@example.com", attribute="made_by")
    at = shown("When.", kind=Moment, attribute="made_at")
    said = maybe("Why it does not go on.")


class Batches(Answer):
    items = many(f"The newest {NEWEST}; they are kept for 30 days.", Brief)


class OneBatch(Brief):
    look = fields.Nested(
        Course, required=True, metadata={"description": "How many were looked at."}
    )
    work = fields.Nested(
        Course, required=True, allow_none=True,
        metadata={"description": "How many are done, since it was confirmed."},
    )  # fmt: skip
    planned = shown("For so many something would be done.", 80, fields.Integer)
    switched_off = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True,
        metadata={"description": "By backend: so many would be switched off."},
    )  # fmt: skip
    sums = fields.Dict(
        keys=fields.String(), values=Sum(), required=True,
        metadata={"description": "By currency: what would be sent."},
    )  # fmt: skip
    became = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True,
        metadata={"description": "How many are done, refused, unsure, under way …"},
    )  # fmt: skip


class InBatch(Answer):
    account = shown("Which.", "acc_k3m9x7qa", attribute="about")
    state = shown("shown, given, already, changed or wrong.", "shown")
    hash = maybe("Of its plan.")
    steps = many("What would be done for it.")
    said = maybe("Why it cannot be seen, or cannot be.")


class ConfirmBatch(Form):
    because = because()


class Named(Answer):
    batch = shown("Its name.", "k3m9x7qa2b")


@api.post("/batches", may=May.PROVISION, whole=True, takes=Begin, answers=Begun)
def begin_batch(asked: Asked) -> dict[str, Any]:
    """Look at many accounts; nothing is done yet.

    A worker does it: ask how far it is.
    """
    which = {name: asked.told.get(name) for name in WHICH}
    return asked.order(
        "batch.begin", batch=random_name(10), which=which, by=asked.who.name,
        names=list(dict.fromkeys(asked.told.get("names", ()))),
    )  # fmt: skip


@api.get("/batches", may=May.RUN, whole=True, answers=Batches)
def batches(asked: Asked) -> dict[str, Any]:
    """What was looked at before, the newest first."""
    with asked.parts.database.read() as tx:
        found = store.newest(tx, Kind.REPROVISION, NEWEST)
    return {"items": [brief(one) for one in found]}


@api.get("/batches/<batch>", may=May.RUN, answers=OneBatch)
def one_batch(asked: Asked, batch: str) -> dict[str, Any]:
    """How far it is, what was found, and what became of it."""
    with asked.parts.database.read() as tx:
        found = _there(asked, batch)
        course = courses.course(tx, found, asked.at)
        sums = summed(store.contents(tx, batch))
    return brief(found) | {
        "look": of_course(course.look),
        "work": of_course(course.work) if course.work else None,
        "planned": sums.planned,
        "switched_off": sums.off,
        "sums": sums.money,
        "became": course.became,
    }


@api.get(
    "/batches/<batch>/accounts", may=May.RUN, query=Paged, answers=page_of(InBatch)
)
def accounts_of_batch(asked: Asked, batch: str) -> dict[str, Any]:
    """Each account for which something would be done, or that could not be seen."""
    _there(asked, batch)
    states = [line for line in Line if line is not Line.NAMED]
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: store.lines(
                tx, batch, most=most, after=number(cursor) or 0, states=states
            ),
            lambda one: one.id,
            lambda one: {
                **{name: getattr(one, name) for name in ("about", "hash", "said")},
                "state": one.state.value,
                "steps": one.content.get("steps", ()),
            },
        )


@api.post(
    "/batches/<batch>/confirm", may=May.PROVISION, takes=ConfirmBatch, answers=Named
)
def confirm_batch(asked: Asked, batch: str) -> dict[str, Any]:
    """Each as it was shown, or not at all. It must have been shown to its end."""
    _there(asked, batch)
    because_ = asked.told["because"]
    return asked.order(
        "batch.confirm", batch=batch, by=asked.who.name, because=because_
    )


@api.post("/batches/<batch>/stop", may=May.PROVISION, takes=Form, answers=Named)
def stop_batch(asked: Asked, batch: str) -> dict[str, Any]:
    """What is under way ends by itself; nothing more is begun."""
    _there(asked, batch)
    return asked.order("batch.stop", batch=batch)


def _there(asked: Asked, name: str) -> Batch:
    with asked.parts.database.read() as tx:
        found = store.named(tx, name)
    if found is None or found.kind is not Kind.REPROVISION:
        raise Stopped(
            404, "not_there", f'There is no list "{name}"; lists are kept for 30 days.'
        )
    return found


def brief(found: Batch) -> dict[str, Any]:
    told = {name: getattr(found, name) for name in ("made_by", "made_at", "said")}
    return told | {"batch": found.name, "state": found.state.value}


def of_course(of: Progress) -> dict[str, Any]:
    left = of.left
    return {
        "done": of.done,
        "of": of.of,
        "rate": round(of.rate, 2),
        "seconds_left": None if left is None else round(left.total_seconds(), 1),
    }
