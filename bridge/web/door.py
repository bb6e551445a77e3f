"""POST /hooks/<source>: the only door billing platforms use. GET /operations/<id>."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, request, url_for

from bridge.clock import Clock
from bridge.inbox import Inbox
from bridge.log import about
from bridge.platforms.base import Forged, Malformed, Platform
from bridge.platforms.strict import LARGEST
from bridge.store import operations
from bridge.store.arrivals import Reused, Taken
from bridge.store.database import Database, Lost
from bridge.store.operations import Operation
from bridge.waiting import LONGEST, Waiters, over
from bridge.web.problems import problem
from bridge.web.refusals import Refusals
from bridge.words import render
from provisioning.core.heard import Fate

log = logging.getLogger(__name__)

TRY_AGAIN = 5
"""Seconds after which a sender may come back when nothing could be kept."""

WAIT = re.compile(r"(?:^|[,;\s])wait=([0-9]{1,3})(?![^,;\s])", re.ASCII | re.IGNORECASE)
ENDED = {Fate.DONE, Fate.SUPERSEDED, Fate.PARKED, Fate.REFUSED}


def blueprint(
    sources: Mapping[str, Platform],
    inbox: Inbox,
    database: Database,
    clock: Clock,
    waiters: Waiters,
    nudge: Callable[[], None],
) -> Blueprint:
    """*nudge* tells the workers that something came in."""
    door = Blueprint("door", __name__)

    @door.post("/hooks/<source>")
    def receive(source: str) -> Response:
        if source not in sources:
            return _no_source(source)
        body = request.get_data(cache=False)
        taken = inbox.take(sources[source], source, dict(request.headers), body)
        nudge()
        for each in taken.operations if taken.new else ():
            with about(arrival=each.id, lane=each.lane):
                log.info("event %s is taken from %s: %s", each.name, source, each.type)
        if seconds := _patience(request.headers.get("Prefer", "")):
            meanwhile = getattr(sources[source], "meanwhile", None)
            return _waited(taken, waiters, seconds, meanwhile)
        answer = jsonify(_shown(taken.operations[0]) | _also(taken))
        answer.status_code = 202 if taken.new else 200
        return answer

    @door.get("/operations/<name>")
    def show(name: str) -> Response:
        """Only the source it came from may ask: it signs an empty body."""
        with database.read() as tx:
            found = operations.named(tx, name)
        if found is None or not _proven(sources.get(found.source), clock):
            return problem(404, "no_such_operation", f"There is no operation {name}.")
        return jsonify(_shown(found))

    return door


def errors(app: Any, refusals: Refusals) -> None:
    """What can go wrong at the door, and how it is answered."""

    def forged(error: Forged) -> Response:
        refusals.count((request.view_args or {}).get("source", ""), error.why)
        return problem(401, "not_proven", str(error))

    app.register_error_handler(Forged, forged)
    app.register_error_handler(Malformed, _malformed)
    app.register_error_handler(Reused, _reused)
    app.register_error_handler(413, _too_large)
    app.register_error_handler(sa.exc.OperationalError, _cannot_keep)
    app.register_error_handler(sa.exc.TimeoutError, _cannot_keep)
    app.register_error_handler(Lost, _cannot_keep)


def _patience(prefer: str) -> int:
    """The seconds of `Prefer: wait=20` (RFC 7240); 0 where nobody wants to wait."""
    asked = WAIT.search(prefer)
    return min(int(asked[1]), LONGEST) if asked else 0


def _waited(
    taken: Taken, waiters: Waiters, seconds: int, meanwhile: str | None
) -> Response:
    """The end of it, or how far it is; 202 while something is still to come, with what
    the sender should answer until then, where that was chosen."""
    last = taken.operations[-1]
    found = last if over(last) else waiters.wait(last.name, seconds)
    shown = found or last
    ended = shown.fate in ENDED
    answer = jsonify(
        _shown(shown)
        | _also(taken)
        | ({"meanwhile": meanwhile} if meanwhile and not ended else {})
    )
    answer.status_code = 200 if ended else 202
    if found:
        answer.headers["Preference-Applied"] = f"wait={seconds}"
    return answer


def _proven(platform: Platform | None, clock: Clock) -> bool:
    if platform is None:
        return False
    try:
        platform.proves(dict(request.headers), b"", clock.wall())
    except Forged:
        return False
    return True


def _shown(operation: Operation) -> dict[str, Any]:
    url = url_for("door.show", name=operation.name)
    shown = {
        "operation_id": operation.name,
        "event": operation.event,
        "type": operation.type,
        "status": operation.fate.value,
        "status_url": url,
        "changed_at": operation.changed_at.isoformat(),
    }
    why = operation.why
    told = dict(why.parts) if why else {}
    next_at = told.get("next") or told.get("until")
    return (
        shown
        | ({"reason": render(why)} if why else {})
        | ({"next_at": next_at} if next_at else {})
    )


def _also(taken: Taken) -> dict[str, Any]:
    more: dict[str, Any] = {} if taken.new else {"duplicate": True}
    if len(taken.operations) > 1:
        more["operations"] = [_shown(operation) for operation in taken.operations]
    return more


def _no_source(name: str) -> Response:
    return problem(
        404,
        "no_such_source",
        f'There is no source "{name[:40]}" here; its name is the table [sources.<name>]'
        " of the configuration.",
    )


def _malformed(error: Malformed) -> Response:
    faults = [{"path": p.path, "reason": p.reason} for p in error.problems]
    code = {413: "too_large", 415: "not_json"}.get(error.status, "malformed")
    return problem(error.status, code, "Nothing was kept.", faults=faults)


def _reused(_error: Reused) -> Response:
    return problem(
        409,
        "id_reused",
        "This webhook-id came before with another body; the first stands. A new event"
        " needs a new id.",
    )


def _too_large(_error: Exception) -> Response:
    return problem(413, "too_large", f"A request has at most {LARGEST} bytes.")


def _cannot_keep(error: Exception) -> Response:
    log.error("an event could not be kept: %s", type(error).__name__)
    detail = "It could not be kept for certain. Send it again: it counts once."
    return problem(503, "cannot_keep", detail, retry_after=TRY_AGAIN)
