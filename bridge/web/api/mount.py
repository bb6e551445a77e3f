"""Each declared call gets its route; whatever stops one is told as problem+json."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, request
from marshmallow import EXCLUDE
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from bridge.access.who import Who
from bridge.parts import Parts
from bridge.store import audit
from bridge.store.database import Lost
from bridge.web.access import steps
from bridge.web.access.steps import SLIPS, Hall, Stopped
from bridge.web.api.declared import every
from bridge.web.api.file import Csv
from bridge.web.api.manner import KINDS, Programs
from bridge.web.api.registry import PREFIX
from bridge.web.asked import Asked
from bridge.web.problems import problem
from bridge.web.registry import Endpoint
from provisioning.core.outcomes import Broken, Later, Outcome, Refused, Unsure

log = logging.getLogger(__name__)

AGAIN = 5
"""Seconds after which one may try again what did not work just now."""

NO_KEY = "no_key"
NAMED = {
    "log_in_first": NO_KEY,
    "unreadable": "invalid",
}
"""What pages call otherwise."""

SAID = {
    NO_KEY: "Send a key that holds: `Authorization: Bearer swk_…`; see `switchhook"
    " apikey list`.",
}
STATUS = {"invalid": 422}
OUTCOMES: Mapping[type[Outcome], tuple[int, str, int | None]] = {
    Refused: (409, "refused", None),
    Later: (503, "later", AGAIN),
    Unsure: (503, "unsure", AGAIN),
    Broken: (502, "broken", None),
}
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]
REPLAYED = "Idempotent-Replayed"


def blueprint(hall: Hall) -> Blueprint:
    calls = Blueprint("api", __name__)
    manner = Programs(hall)
    known = Map()
    for endpoint in every():
        name = f"{endpoint.method} {endpoint.path}".replace(".", "_")
        calls.add_url_rule(
            endpoint.path, name, _view(hall, manner, endpoint),
            methods=[endpoint.method], provide_automatic_options=False,
        )  # fmt: skip
        known.add(Rule(endpoint.path, methods=[endpoint.method]))

    @calls.route(PREFIX, defaults={"rest": ""}, methods=METHODS)
    @calls.route(f"{PREFIX}/<path:rest>", methods=METHODS)
    def missing(rest: str) -> Response:  # noqa: ARG001 - whatever it is
        allowed = known.bind("").allowed_methods(request.path)
        if not list(allowed):
            return _headed(problem(404, "no_such_call", "There is no such call."))
        no = problem(405, "no_such_method", f"It takes {' and '.join(allowed)}.")
        no.headers["Allow"] = ", ".join(allowed)
        return _headed(no)

    return calls


def _view(hall: Hall, manner: Programs, endpoint: Endpoint) -> Callable[..., Response]:
    def view(**params: str) -> Response:
        try:
            return _headed(_answered(hall, manner, endpoint, params))
        except Exception as no:  # noqa: BLE001 - each has its answer, and is logged
            return _headed(_refusal(endpoint, no))

    return view


def _refusal(endpoint: Endpoint, no: Exception) -> Response:
    for kind, said in REFUSALS:
        if isinstance(no, kind) and not isinstance(no, SLIPS):
            return said(endpoint, no)
    log.error("call %s", endpoint.name, exc_info=no)
    return problem(500, "our_fault", "The fault is ours; the log says more.")


def _answered(
    hall: Hall, manner: Programs, endpoint: Endpoint, params: Mapping[str, str]
) -> Response:
    _says_one_thing(endpoint)
    asked = steps.let_in(hall, manner, endpoint, request, params)
    before = _before(hall.parts, manner, endpoint, asked) if endpoint.changes else None
    told = endpoint.call(asked, **params) if before is None else before
    answer = _written(endpoint, told)
    if before is not None:
        answer.headers[REPLAYED] = "true"
    return answer


def _says_one_thing(endpoint: Endpoint) -> None:
    """A query that could be read in two ways, or that nobody reads, is refused."""
    twice = [name for name, said in request.args.lists() if len(said) > 1]
    if twice:
        faults = dict.fromkeys(twice, "is said more than once; say it once")
        raise Stopped(422, "invalid", "The query has two meanings.", faults=faults)
    if endpoint.query is None and request.args:
        faults = dict.fromkeys(request.args, "is not asked for here")
        raise Stopped(422, "invalid", "There is nothing to ask here.", faults=faults)


def _before(
    parts: Parts, manner: Programs, endpoint: Endpoint, asked: Asked
) -> dict[str, Any] | None:
    """What came of the same request before. A call has one thing done, the first; where
    that is no answer of the call, nothing was done by it."""
    once = manner.once(request)
    if once is None or endpoint.answers is None:
        return None
    who = Who(asked.who.name, manner.via, f"{once}/1", manner.asked(request))
    with parts.database.read() as tx:
        before = audit.answered(tx, who)
    came_to_nothing = before and endpoint.answers(unknown=EXCLUDE).validate(before)
    return None if came_to_nothing else before


def _written(endpoint: Endpoint, told: Any) -> Response:
    if isinstance(told, Response):
        return told
    if isinstance(told, Csv):
        headers = {"Content-Disposition": f'attachment; filename="{told.name}"'}
        if told.following:
            headers["Next-Cursor"] = told.following
        return Response(told.text, headers=headers, mimetype="text/csv")
    if endpoint.answers is None:
        raise TypeError(f"{endpoint.name} does not say what it answers with")
    return jsonify(endpoint.answers().dump(told))


def _stopped(_: Endpoint, no: Stopped) -> Response:
    code = NAMED.get(no.code, no.code)
    faults = [{"path": name, "reason": why} for name, why in no.faults.items()]
    said = problem(
        STATUS.get(code, no.status), code, SAID.get(code, no.detail),
        faults=faults, retry_after=no.wait,
    )  # fmt: skip
    if code == NO_KEY:
        said.headers["WWW-Authenticate"] = 'Bearer realm="switchhook"'
    return said


def _outcome(_: Endpoint, no: Outcome) -> Response:
    status, code, again = next(
        told for kind, told in OUTCOMES.items() if isinstance(no, kind)
    )
    return problem(status, code, str(no), retry_after=again)


def _reused(_: Endpoint, no: audit.Reused) -> Response:
    return problem(422, "key_reused", str(no))


def _cannot(endpoint: Endpoint, no: LookupError) -> Response:
    """What is to be done cannot be, as things are; what is asked for is not there."""
    if endpoint.changes:
        return problem(409, "cannot", str(no))
    return problem(404, "not_there", str(no))


def _lost(_: Endpoint, no: Lost) -> Response:
    why = f"{no}: it may have been done or not; send it again with its key"
    return problem(503, "unsure", why, retry_after=AGAIN)


def _no_database(_: Endpoint, no: sa.exc.OperationalError) -> Response:
    log.warning("the database did not answer: %s", type(no).__name__)
    why = "The database does not answer just now."
    return problem(503, "no_database", why, retry_after=AGAIN)


def _unreadable(_: Endpoint, no: HTTPException) -> Response:
    status = HTTPStatus(no.code or HTTPStatus.BAD_REQUEST)
    code = KINDS.get(status, "unreadable")
    return problem(status, code, no.description or "It cannot be read.")


REFUSALS: tuple[tuple[type[Exception], Callable[[Endpoint, Any], Response]], ...] = (
    (Stopped, _stopped),
    (Outcome, _outcome),
    (audit.Reused, _reused),
    (LookupError, _cannot),
    (Lost, _lost),
    (sa.exc.OperationalError, _no_database),
    (HTTPException, _unreadable),
)
"""The first that it is: those that are also another stand before it."""


def _headed(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    return answer
