"""Messages to the outside: mails, calls back to platforms; and how our mails look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields, validate

from bridge.access.roles import May
from bridge.letters import samples
from bridge.letters.samples import KINDS, LOGIN
from bridge.store import outbox
from bridge.store.outbox import State
from bridge.store.pages import messages
from bridge.styles import MAIL
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.forms import Form, number
from bridge.web.site import Go, Page
from bridge.words import LANGUAGES, speech

LINES = 50


class Part(Form):
    before = number(1, 2**62, load_default=None)
    state = fields.String(
        load_default=None, validate=validate.OneOf([state.value for state in State])
    )


@console.get("/messages", may=May.RUN, whole=True, query=Part)
def every(asked: Asked) -> Page:
    """The newest first, with what came of each."""
    told = asked.told
    state = State(told["state"]) if told["state"] else None
    with asked.parts.database.read() as tx:
        page = messages.newest(tx, LINES + 1, told["before"], state)
        failed = messages.failed(tx)
        causes = messages.causes(tx, page)
    shown = {
        "lines": page[:LINES],
        "next": page[LINES - 1].id if len(page) > LINES else None,
        "state": told["state"],
        "states": [state.value for state in State],
        "failed": failed,
        "causes": causes,
        "brands": sorted(asked.parts.config.brands),
    }
    return Page("messages", "Messages", shown)


@console.get("/messages/<delivery>", may=May.RUN)
def one(asked: Asked, delivery: str) -> Page:
    """What it says, as far as it is kept; a login's link is kept nowhere."""
    with asked.parts.database.read() as tx:
        found = outbox.numbered(tx, int(delivery)) if delivery.isdigit() else None
        if found is None:
            raise LookupError(f"There is no message {delivery}.")
        cause = messages.causes(tx, [found]).get(found.id)
    return Page("message", f"Message {found.id}", {"one": found, "cause": cause})


@console.post("/messages/<delivery>/retry", may=May.OPERATE)
def retry(asked: Asked, delivery: str) -> Go:
    """Send one that failed anew, one that waits at once."""
    if not delivery.isdigit():
        raise LookupError(f"There is no message {delivery}.")
    asked.order("delivery.retry", delivery=int(delivery))
    return Go(f"/messages/{delivery}", "It is sent anew in a moment.")


class Which(Form):
    kind = fields.String(load_default=LOGIN, validate=validate.OneOf(KINDS))
    language = fields.String(load_default=None, validate=validate.OneOf(LANGUAGES))


@console.get("/sources/<source>/mail", may=May.RUN, query=Which)
def preview(asked: Asked, source: str) -> Page:
    """A mail as customers get it, with facts of nobody."""
    mail, config = _sample(asked, source), asked.parts.config
    kind = asked.told["kind"]
    told = {
        "source": source,
        "mail": dict(mail),
        "ours": samples.is_ours(config, source, kind),
        "kind": kind,
        "kinds": KINDS,
        "language": asked.told["language"] or config.brands[source].languages[0],
        "languages": [(one, speech(one).name) for one in LANGUAGES],
    }
    return Page("preview", f"A mail of {source}: {kind}", told)


@console.get("/sources/<source>/mail/html", may=May.RUN, query=Which)
def looks(asked: Asked, source: str) -> Response:
    """The same as a mail program shows it."""
    return Response(_sample(asked, source)["html"], headers=MAIL, mimetype="text/html")


def _sample(asked: Asked, source: str) -> Mapping[str, Any]:
    """In the brand's own language, where none was said."""
    kind, language = asked.told["kind"], asked.told["language"]
    return samples.preview(asked.parts.config, source, kind, language)
