"""What a reconciliation found: what differs, what is planned about it, and the sums."""

from __future__ import annotations

from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.store import drifts
from bridge.store.drift_alerts import NIGHTLY
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, number
from bridge.web.site import Go, Page
from provisioning.core.drift import Drift

RUNS, LINES = 30, 100


class Before(Form):
    before = number(1, 2**62, load_default=None)


class Part(Form):
    kind = fields.String(
        load_default="", validate=validate.OneOf(["", *(kind.value for kind in Drift)])
    )
    after = number(0, 2**62, load_default=0)


@console.get("/reconciliations", may=May.RUN, whole=True, query=Before)
def every(asked: Asked) -> Page:
    """The newest first."""
    with asked.parts.database.read() as tx:
        found = drifts.runs(tx, RUNS + 1, asked.told["before"])
        shown = [(run, drifts.counts(tx, run.id)) for run in found[:RUNS]]
    more = found[RUNS - 1].id if len(found) > RUNS else None
    return Page("reconciliations", "Reconciliations", {"runs": shown, "next": more})


@console.get("/reconciliations/<run>", may=May.RUN, whole=True, query=Part)
def one(asked: Asked, run: str) -> Page:
    """Each line with what is planned about it, and why."""
    kind, after = asked.told["kind"] or None, asked.told["after"]
    with asked.parts.database.read() as tx:
        known = drifts.numbered(tx, int(run)) if run.isdecimal() else None
        if known is None:
            raise LookupError(f"There is no reconciliation {run}.")
        found = drifts.differences(tx, known.id, LINES + 1, after, kind)
        told = {
            "run": known,
            "sums": drifts.sums(tx, known.id),
            "counts": drifts.counts(tx, known.id),
            "lines": found[:LINES],
            "next": found[LINES - 1].id if len(found) > LINES else None,
            "kind": kind,
        }
    return Page("reconciliation", f"Reconciliation {run}", told)


@console.post("/reconciliations", may=May.OPERATE, whole=True)
def begin(asked: Asked) -> Go:
    """All is compared now, as it is every night; what may be repaired is."""
    asked.order("tick.now", tick=NIGHTLY)
    return Go("/reconciliations", "It is due now; a worker begins with it.")
