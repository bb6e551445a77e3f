"""An existing fleet becomes ours: a list looked at, confirmed as shown, let go."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.bulk.fleet import PAGE
from bridge.keys import random_name
from bridge.store import adopted, batches
from bridge.store.batches import Batch, Kind, Line
from bridge.store.pages import courses
from bridge.web.access.steps import Stopped
from bridge.web.api.batches import NEWEST, Begun, Brief, Course, Named, brief, of_course
from bridge.web.api.fields import (
    Answer,
    Paged,
    because,
    hash_of,
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

MOST = 200_000
"""Letters of a file; a body may be a little longer. A larger fleet is several."""

CSV = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ud800-\udfff]*$"
EXAMPLE = "service,package,backend,user\n1001,starter,main,ann7\n"


class BeginAdoption(Form):
    source = said("Whose services these are.", "shop", required=True)
    file = fields.String(
        required=True,
        validate=[validate.Length(1, MOST), validate.Regexp(CSV)],
        metadata={
            "description": "CSV, as `switchhook adopt` reads it.",
            "examples": [EXAMPLE],
            "pattern": CSV,
        },
    )


class Adoptions(Answer):
    items = many(f"The newest {NEWEST}; lists are kept for 30 days.", Brief)


class Sort(Answer):
    sort = shown("What would be done.", "bind")
    count = shown("For so many.", 200, fields.Integer)


class OneAdoption(Brief):
    look = fields.Nested(
        Course, required=True, metadata={"description": "How many were looked at."}
    )
    work = fields.Nested(
        Course, required=True, allow_none=True,
        metadata={"description": "How many are bound, since it was confirmed."},
    )  # fmt: skip
    hash = maybe("Of all that would be bound; null, while it is looked at.", "a1" * 32)
    sorts = many("What would be done, and for how many.", Sort)
    observed = shown("So many are only looked at, and wait.", 200, fields.Integer)


class InAdoption(Answer):
    about = shown("A service, or a line of the file.", "1001")
    state = shown("shown, done, already or wrong.", "shown")
    user = maybe("The backend's user it means.", "ann7")
    user_id = maybe("Its id there.", "17")
    backend = maybe("Where it is.", "main")
    balance = maybe("What it has.", "12.50")
    differs = many("What is another there than what is sold.")
    said = maybe("What is wrong with it, or what became of it.")


class LinesOfAdoption(Paged):
    state = one_of("Only those that are so.", [line.value for line in Line])


class ConfirmAdoption(Form):
    hash = hash_of("the list, as it was shown.")
    because = because()


class ReleaseAdoption(Form):
    most = whole("So many now.", PAGE, 1, PAGE, load_default=PAGE)
    because = because()


class ReleasedAdoption(Answer):
    released = many("Accounts that are brought in line, and paid, from now on.")


class UndoAdoption(Form):
    after = said("`last` of the answer before this one.", "acc_k3m9x7qa")
    because = because()


class UndoneAdoption(Answer):
    undone = many("Accounts that are ours no more.")
    kept = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True,
        metadata={"description": "Accounts that stay, and why."},
    )  # fmt: skip
    last = shown("Send it as `after` for the rest; empty: there is none.")


@api.post(
    "/adoptions", may=May.PROVISION, whole=True, takes=BeginAdoption, answers=Begun
)
def begin_adoption(asked: Asked) -> dict[str, Any]:
    """Look at which users a list means; nothing is bound yet.

    A worker does it: ask how far it is.
    """
    told = asked.told
    if told["source"] not in asked.parts.sources:
        raise LookupError(f'there is no source "{told["source"]}"')
    return asked.order("batch.adopt", batch=random_name(8), by=asked.who.name, **told)


@api.get("/adoptions", may=May.RUN, whole=True, answers=Adoptions)
def adoptions(asked: Asked) -> dict[str, Any]:
    """Lists that were looked at before, the newest first."""
    with asked.parts.database.read() as tx:
        found = batches.newest(tx, Kind.ADOPT, NEWEST)
    return {"items": [brief(one) for one in found]}


@api.get("/adoptions/<adoption>", may=May.RUN, answers=OneAdoption)
def one_adoption(asked: Asked, adoption: str) -> dict[str, Any]:
    """How far it is, what it would do, and what became of it."""
    found = _there(asked, adoption)
    with asked.parts.database.read() as tx:
        course = courses.course(tx, found, asked.at)
        sorts = batches.sorts(tx, adoption)
        digest = batches.digest_of(tx, adoption) if found.state in SHOWN else None
        observed = adopted.count(tx, adoption)
    return brief(found) | {
        "look": of_course(course.look),
        "work": of_course(course.work) if course.work else None,
        "hash": digest,
        "sorts": [{"sort": sort, "count": count} for sort, count in sorts],
        "observed": observed,
    }


@api.get(
    "/adoptions/<adoption>/lines",
    may=May.RUN,
    query=LinesOfAdoption,
    answers=page_of(InAdoption),
)
def lines_of_adoption(asked: Asked, adoption: str) -> dict[str, Any]:
    """Each line: the user it means, and what is wrong."""
    _there(asked, adoption)
    state = asked.told.get("state")
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: batches.lines(
                tx, adoption, most=most, after=number(cursor) or 0,
                states=[Line(state)] if state else (),
            ),
            lambda one: one.id,
            lambda one: {
                **{name: one.content.get(name) for name in OF_PLAN},
                "about": one.about,
                "state": one.state.value,
                "differs": one.content.get("differs", ()),
                "said": one.said,
            },
        )  # fmt: skip


@api.post(
    "/adoptions/<adoption>/confirm",
    may=May.PROVISION,
    takes=ConfirmAdoption,
    answers=Named,
)
def confirm_adoption(asked: Asked, adoption: str) -> dict[str, Any]:
    """Bind what was shown, with the balance that is there then; once."""
    _there(asked, adoption)
    told = asked.told
    return asked.order(
        "batch.confirm", batch=adoption, by=asked.who.name, because=told["because"],
        digest=told["hash"],
    )  # fmt: skip


@api.post("/adoptions/<adoption>/stop", may=May.PROVISION, takes=Form, answers=Named)
def stop_adoption(asked: Asked, adoption: str) -> dict[str, Any]:
    """Nothing more is bound; what is bound stays bound."""
    _there(asked, adoption)
    return asked.order("batch.stop", batch=adoption)


@api.post(
    "/adoptions/<adoption>/release",
    may=May.PROVISION,
    takes=ReleaseAdoption,
    answers=ReleasedAdoption,
)
def release_adoption(asked: Asked, adoption: str) -> dict[str, Any]:
    """Bring the next of them in line, and pay them; ask again until none is left."""
    return asked.order("adopt.release", batch=adoption, **asked.told)


@api.post(
    "/adoptions/<adoption>/undo",
    may=May.PROVISION,
    takes=UndoAdoption,
    answers=UndoneAdoption,
)
def undo_adoption(asked: Asked, adoption: str) -> dict[str, Any]:
    """Let go those that are only looked at; at the backend nothing is done."""
    told = asked.told
    return asked.order(
        "adopt.undo", batch=adoption, because=told["because"], most=PAGE,
        after=told.get("after", ""),
    )  # fmt: skip


OF_PLAN = ("user", "user_id", "backend", "balance")
SHOWN = frozenset(batches.State) - {batches.State.LOOKING}


def _there(asked: Asked, name: str) -> Batch:
    with asked.parts.database.read() as tx:
        found = batches.named(tx, name)
    if found is None or found.kind is not Kind.ADOPT:
        raise Stopped(
            404, "not_there", f'There is no list "{name}"; lists are kept for 30 days.'
        )
    return found
