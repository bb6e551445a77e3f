"""Who had what done, and what came of it; and that nobody changed a word of it."""

from __future__ import annotations

import json

from bridge import csvs
from bridge.access.roles import May
from bridge.store import audit
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, number, text
from bridge.web.site import Go, Page, Told

LINES = 50
MOST = 50_000
"""Lines of one file; more of them by `before`, or by the command line."""

TITLES = ("no", "at", "who", "via", "what", "about", "said", "told", "hash")


class Part(Form):
    about = text(load_default=None)
    by = text(load_default=None)
    before = number(1, 2**62, load_default=None)


@console.get("/audit", may=May.AUDIT, whole=True, query=Part)
def every(asked: Asked) -> Page:
    """The newest first."""
    told = asked.told
    with asked.parts.database.read() as tx:
        page = audit.notes(
            tx, most=LINES + 1, before=told["before"], about=told["about"],
            who=told["by"],
        )  # fmt: skip
        head = audit.head(tx)
    shown = {
        "lines": page[:LINES],
        "next": page[LINES - 1].id if len(page) > LINES else None,
        "head": head,
        "filter": told,
    }
    return Page("audit", "Audit", shown)


@console.get("/audit/csv", may=May.AUDIT, whole=True, query=Part)
def export(asked: Asked) -> Told:
    """The same as a file."""
    told = asked.told
    with asked.parts.database.read() as tx:
        found = audit.notes(
            tx, most=MOST, before=told["before"], about=told["about"], who=told["by"]
        )
    rows = (
        (
            one.id, one.at.isoformat(), one.who, one.via, one.what, one.about,
            json.dumps(one.said), json.dumps(one.told), one.hash,
        )
        for one in found
    )  # fmt: skip
    return Told("audit.csv", csvs.written(TITLES, rows))


@console.post("/audit/verify", may=May.AUDIT, whole=True)
def verify(asked: Asked) -> Go:
    """Whether any of it was changed or left out."""
    with asked.parts.database.snapshot(slow=True) as tx:
        broken, head = audit.broken(audit.every(tx)), audit.head(tx)
    if broken:
        said = f"Note {broken.id} is not what was written, or one before it is gone."
        return Go("/audit", said, bad=True)
    said = (
        f"Nothing was changed. The head is {head}; kept elsewhere, it shows a cut end"
    )
    return Go("/audit", f"{said}.")
