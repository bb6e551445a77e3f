"""Reconciliations: what was compared, what differs, and where all money stood."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge.access.roles import May
from bridge.store import drifts
from bridge.store.drift_alerts import NIGHTLY
from bridge.store.drifts import Kept, Run
from bridge.web.access.steps import Stopped
from bridge.web.api.fields import (
    Answer,
    Moment,
    Paged,
    Sum,
    many,
    maybe,
    one_of,
    page_of,
    shown,
)
from bridge.web.api.operating import Due
from bridge.web.api.paging import named, number, page
from bridge.web.api.registry import api
from bridge.web.asked import Asked
from bridge.web.forms import Form
from bridge.words import render
from provisioning.core.drift import Drift


class Reconciliation(Answer):
    run = shown("Its number.", 3, fields.Integer, attribute="id")
    state = shown("running, ended, stopped or broken off.", "ended")
    by = shown("Who wanted it: by hand, or the schedule.", "by hand")
    began = shown("When it began.", kind=Moment, attribute="began_at")
    ended = maybe("When it ended.", kind=Moment, attribute="ended_at")
    backend = maybe("Only accounts of this backend were compared.", "main")
    source = maybe("Only this source's customers were.", "shop")
    applied = shown(
        "Whether what may be repaired was.", True, fields.Boolean, attribute="applies"
    )
    accounts = shown("So many were compared.", 500, fields.Integer)


class Count(Answer):
    kind = shown("What kind of difference.", "level")
    repair = shown("wake, pull, person or none.", "wake")
    in_flight = shown("Whether it was just moving.", False, fields.Boolean)
    count = shown("So many lines.", 3, fields.Integer)
    since = shown("Since when the oldest is so.", kind=Moment)


class Stood(Answer):
    source = shown("Who was paid.", "shop")
    currency = shown("ISO 4217.", "USD")
    paid = shown("All that was ever paid.", "120.00", Sum)
    applied = shown("What of it is at a backend.", "100.00", Sum)
    held = shown("What of it still waits.", "20.00", Sum)
    reversing = shown("Paid back, and not taken back yet.", "0.00", Sum)
    reversed = shown("Paid back, and taken back.", "0.00", Sum)
    adds_up = shown("Whether that is all of it.", True, fields.Boolean)


class Unseen(Answer):
    what = shown("What could not be looked at.", "backend main")
    count = shown("How much of it.", 12, fields.Integer)
    why = shown("Why the first.", "it did not answer")


class OneReconciliation(Reconciliation):
    counts = many("How many lines of each kind.", Count)
    sums = many("Where all money stood at its end, by source and currency.", Stood)
    unseen = many("What it could not see.", Unseen)


class Difference(Answer):
    line = shown("Its number.", 17, fields.Integer)
    subject = shown("An account, a backend's user, a service or a paid line.")
    backend = maybe("Where it is.", "main")
    source = maybe("Whose it is.", "shop")
    kind = shown("What kind of difference.", "level")
    what = shown("Of what.", "channels")
    wants = maybe("What it should be.", "5")
    has = maybe("What it is.", "9")
    since = shown("Since when it is seen so.", kind=Moment)
    in_flight = shown("Whether it was just moving.", False, fields.Boolean)
    repair = shown("wake, pull, person or none.", "wake")
    why = maybe("What follows, and why.")


class Part(Paged):
    kind = one_of("Only of this kind.", [kind.value for kind in Drift])


@api.get(
    "/reconciliations", may=May.RUN, whole=True, query=Paged,
    answers=page_of(Reconciliation),
)  # fmt: skip
def reconciliations(asked: Asked) -> dict[str, Any]:
    """What was compared, the newest first."""
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: drifts.runs(tx, most, number(cursor)),
            lambda one: one.id,
        )


@api.get("/reconciliations/<run>", may=May.RUN, whole=True, answers=OneReconciliation)
def one_reconciliation(asked: Asked, run: str) -> dict[str, Any]:
    """What it found in numbers, and whether Σ paid = applied + held + paid back."""
    found = _there(asked, run)
    with asked.parts.database.read() as tx:
        sums = drifts.sums(tx, found.id)
        counts = drifts.counts(tx, found.id)
    own = {name: getattr(found, name) for name in Run.__slots__}
    return own | {"sums": sums, "counts": counts}


@api.get(
    "/reconciliations/<run>/differences", may=May.RUN, whole=True, query=Part,
    answers=page_of(Difference),
)  # fmt: skip
def differences(asked: Asked, run: str) -> dict[str, Any]:
    """Each line with what is planned about it, and why."""
    found, kind = _there(asked, run), asked.told.get("kind")
    with asked.parts.database.read() as tx:
        return page(
            asked,
            lambda cursor, most: drifts.differences(
                tx, found.id, most, number(cursor) or 0, kind
            ),
            lambda one: one.id,
            _line,
        )


@api.post("/reconciliations", may=May.OPERATE, whole=True, takes=Form, answers=Due)
def begin_reconciliation(asked: Asked) -> dict[str, Any]:
    """Compare all now, as every night; what may be repaired is.

    A worker begins with it: the newest of the list is it.
    """
    return asked.order("tick.now", tick=NIGHTLY)


def _there(asked: Asked, run: str) -> Run:
    no = named(run)
    with asked.parts.database.read() as tx:
        found = None if no is None else drifts.numbered(tx, no)
    if found is None:
        raise Stopped(404, "not_there", f'There is no reconciliation "{run}".')
    return found


def _line(one: Kept) -> dict[str, Any]:
    found, line = one.found, one.found.line
    return {
        "line": one.id,
        "subject": found.subject,
        "backend": found.backend,
        "source": found.source,
        "kind": line.kind.value,
        "what": line.what,
        "wants": line.wants,
        "has": line.has,
        "since": one.since,
        "in_flight": line.in_flight,
        "repair": line.repair.value,
        "why": render(line.why),
    }
