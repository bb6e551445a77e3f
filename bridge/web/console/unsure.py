"""Sums nobody knows the end of: the evidence, and a person's word; what was stopped."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.preview import loaded, look
from bridge.store import attempts, books
from bridge.store.attempts import Attempt, State
from bridge.store.pages import waiting
from bridge.web.asked import Asked
from bridge.web.console.accounts import of
from bridge.web.console.registry import console
from bridge.web.forms import Form, many, reason
from bridge.web.site import Go, Page
from provisioning.core.outcomes import Outcome

MOST = 200


class Looking(Form):
    look = fields.String(load_default="")


class Word(Form):
    arrived = fields.String(required=True, validate=validate.OneOf(["yes", "no"]))
    because = reason()


class Trusted(Form):
    arrived = many()
    because = reason()


@console.get("/unsure", may=May.SEE)
def listed(asked: Asked) -> Page:
    backends = asked.parts.backends
    listing = [name for name, b in backends.items() if b.describe().lists_payments]
    with asked.parts.database.read() as tx:
        shown = {
            "rows": waiting.unsure(tx, asked.scope, MOST),
            "stopped": waiting.stopped(tx, asked.scope),
            "restored": waiting.restored(tx, asked.scope, listing),
        }
    return Page("unsure", "Unsure", shown)


@console.get("/unsure/<attempt>", may=May.SEE, query=Looking)
def one(asked: Asked, attempt: str) -> Page:
    """*look*: what its backend shows now, beside what it would if it arrived."""
    with asked.parts.database.read() as tx:
        found = attempts.numbered(tx, int(attempt))
        if found is None:
            raise LookupError(f"There is no attempt {attempt}.")
        account = of(tx, found.account)
        sum_ = books.one(tx, found.claim) if found.claim else None
    shown = {
        "one": found,
        "account": account,
        "event": sum_.event if sum_ else None,
        "would": _would(found),
        "now": _now(asked, found) if asked.told["look"] else None,
        "with_a_person": found.state is State.PERSON,
        "may_be_absent": asked.at >= found.settled_from,
    }
    return Page("attempt", f"Attempt {found.id}", shown)


def _would(found: Attempt) -> dict[str, Any] | None:
    """What the balance says, with nothing used up meanwhile."""
    if found.balance is None or found.amount is None:
        return None
    return {"arrived": found.balance + found.amount, "absent": found.balance}


def _now(asked: Asked, found: Attempt) -> dict[str, Any]:
    parts = asked.parts
    try:
        job = loaded(found.account, parts.runner.desk, parts.editions)
        look(job)
    except Outcome as no:
        return {"fault": str(no), "balance": None}
    return {"fault": None, "balance": job.seen.balance if job.seen else None}


@console.post("/unsure/<attempt>", may=May.MONEY, fresh=True, takes=Word)
def resolve(asked: Asked, attempt: str) -> Go:
    told = asked.told
    arrived = told["arrived"] == "yes"
    asked.order(
        "unsure.resolve", attempt=int(attempt), arrived=arrived, because=told["because"]
    )
    word = "arrived: it is booked." if arrived else "did not arrive: it is sent again."
    return Go("/unsure", f"Attempt {attempt} {word}")


@console.post(
    "/accounts/<account>/release", may=May.MONEY, fresh=True, takes=Trusted
)  # fmt: skip
def release(asked: Asked, account: str) -> Go:
    told = asked.told
    with asked.parts.database.read() as tx:
        id_ = of(tx, account).id
    keys = {"arrived": told["arrived"]} if told["arrived"] else {}
    asked.order("unsure.release", account=id_, because=told["because"], **keys)
    return Go("/unsure", f"{id_} is trusted again.")
