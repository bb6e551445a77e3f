"""Each declared page gets its route; the host says whose shop it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from urllib.parse import quote

import sqlalchemy as sa
from flask import Blueprint, Response, request

from bridge.store.database import Lost
from bridge.web import site
from bridge.web.access import steps
from bridge.web.access.steps import Hall, Stopped
from bridge.web.registry import Endpoint
from bridge.web.shop import shown
from bridge.web.shop.declared import shop
from bridge.web.shop.fronts import Front, fronts
from bridge.web.shop.manner import LANGUAGE, Customers
from bridge.web.shop.visit import Visit
from bridge.web.site import FOR_EVER, HEADERS, Go, Page
from bridge.words.speech import Speech, best, speech
from provisioning.core.outcomes import Outcome

log = logging.getLogger(__name__)

NOTED = timedelta(minutes=1)
NOBODY = "There is nothing here."
"""All that a host nobody has configured is told: no brand, and no hint of one."""


def blueprint(hall: Hall) -> Blueprint:
    there, by_host = Blueprint("shop", __name__), fronts(hall.parts.config)
    for endpoint in shop:
        there.add_url_rule(
            endpoint.path, endpoint.name.replace(".", "_"),
            _view(hall, by_host, endpoint), methods=[endpoint.method],
            provide_automatic_options=False,
        )  # fmt: skip

    @there.get("/static/<digest>/<name>")
    def static(digest: str, name: str) -> Response:
        front = by_host.get(request.host)
        if front is None:
            return _nobody()
        files = {
            shown.style_path(front): (shown.style(front), "text/css"),
            shown.script_path(): (shown.script(), "text/javascript"),
        }
        return _file(files.get(f"/static/{digest}/{name}"))

    @there.get("/brand/<digest>/logo")
    def logo(digest: str) -> Response:
        front = by_host.get(request.host)
        if front is None or f"/brand/{digest}/logo" != front.logo_path:
            return _nobody()
        return _file(front.logo)

    @there.app_errorhandler(404)
    def missing(_: Exception) -> Response:
        front = by_host.get(request.host)
        if front is None:
            return _nobody()
        said = _speech(front, None)
        why = said.say("There is no such page.")
        return _page(hall, front, said, None, said.say("Not there"), why, 404)

    return there


def _nobody() -> Response:
    return Response(NOBODY, 404, headers=HEADERS, mimetype="text/plain")


def _file(found: tuple[bytes, str] | None) -> Response:
    if found is None:
        return _nobody()
    content, kind = found
    headers = HEADERS | {"Cache-Control": FOR_EVER}
    return Response(content, headers=headers, mimetype=kind)


def _speech(front: Front, language: str | None) -> Speech:
    """*language*: the customer's own, where he is known."""
    chosen = language or request.cookies.get(LANGUAGE)
    accepted = request.headers.get("Accept-Language")
    return speech(best(accepted, chosen, front.brand.languages))


def _view(
    hall: Hall, by_host: Mapping[str, Front], endpoint: Endpoint
) -> Callable[..., Response]:
    def view(**params: str) -> Response:
        front = by_host.get(request.host)
        if front is None:
            return _nobody()
        return _answered(hall, front, endpoint, params)

    return view


def _answered(
    hall: Hall, front: Front, endpoint: Endpoint, params: Mapping[str, str]
) -> Response:
    manner, visit = Customers(hall.parts, front), None
    said = _speech(front, None)
    try:
        known = manner.logged_in(request, hall.parts.clock.wall())
        said = _speech(front, known[1].language if known else None)
        asked = steps.let_in(hall, manner, endpoint, request, params)
        visit = Visit(asked, front, said)
        _still_here(visit)
        return _respond(hall, visit, endpoint.call(visit, **params))
    except Exception as no:  # noqa: BLE001 - each has its answer, and is logged
        return _no(hall, front, said, visit, endpoint, no)


def _still_here(visit: Visit) -> None:
    """Noted once a minute. What a page asks for by itself is no click."""
    session = visit.asked.session
    if session is None or "HX-Request" in request.headers:
        return
    if visit.now - session.seen_at > NOTED:
        now = visit.now.isoformat()
        visit.order("customer.seen", session=session.hash, now=now)


def _no(
    hall: Hall, front: Front, said: Speech, visit: Visit | None, endpoint: Endpoint,
    no: Exception,
) -> Response:  # fmt: skip
    """Why there is no page, as people can use it."""
    match no:
        case Stopped():
            return _stopped(hall, front, said, visit, endpoint, no)
        case KeyError() | IndexError():
            return _ours(hall, front, said, visit, endpoint, no)
        case LookupError() | Outcome():
            return _refused(hall, front, said, visit, endpoint, str(no))
        case Lost():
            why = said.say(
                "Nobody knows whether that was kept. Look before you say it again."
            )
            return _refused(hall, front, said, visit, endpoint, why)
        case sa.exc.OperationalError():
            kind = type(no).__name__
            log.warning("the database did not answer %s: %s", endpoint.name, kind)
            why = said.say("We cannot look it up just now. Try again in a moment.")
            return _page(hall, front, said, visit, said.say("Not just now"), why, 503)
    return _ours(hall, front, said, visit, endpoint, no)


def _respond(hall: Hall, visit: Visit, answer: object) -> Response:
    match answer:
        case Page():
            return shown.page(
                hall.parts, request, visit.front, visit.speech, visit, answer
            )
        case Go():
            return shown.go(hall.parts.keys, visit.front, answer)
        case Response():
            return answer
    raise TypeError(f"a page answers with Page or Go, not {type(answer)}")


def _stopped(
    hall: Hall, front: Front, said: Speech, visit: Visit | None, endpoint: Endpoint,
    no: Stopped,
) -> Response:  # fmt: skip
    if no.code == "log_in_first":
        here = quote(request.full_path.rstrip("?") if request.method == "GET" else "/")
        return shown.go(hall.parts.keys, front, Go(f"/login?next={here}"))
    told = {
        "not_there": said.say("There is no such thing, or it is not yours."),
        "not_allowed": said.say("You may look, but not do that. Ask the owner."),
        "too_fast": said.say("That was too often. Wait a little, then try again."),
        "form_of_elsewhere": said.say(
            "That page was too old. Open it anew and say it again."
        ),
        "prove_first": said.say("Log in anew first: this needs to be you."),
        "unreadable": said.say("Something in the form is not as it should be."),
    }
    why = told.get(no.code, said.say("That cannot be done."))
    if no.code == "unreadable" and endpoint.changes:
        faults = "; ".join(f"{name}: {fault}" for name, fault in no.faults.items())
        text = f"{why} {faults}" if faults else why
        return shown.go(
            hall.parts.keys, front, Go(site.came_from(request), text, bad=True)
        )
    answer = _page(hall, front, said, visit, said.say("Not done"), why, no.status)
    if no.wait:
        answer.headers["Retry-After"] = str(no.wait)
    return answer


def _refused(
    hall: Hall, front: Front, said: Speech, visit: Visit | None, endpoint: Endpoint,
    why: str,
) -> Response:  # fmt: skip
    """Told on the page the form was on; a page that cannot be shown says why."""
    if endpoint.changes:
        back = Go(site.came_from(request), why, bad=True)
        return shown.go(hall.parts.keys, front, back)
    return _page(hall, front, said, visit, said.say("Not there"), why, 404)


def _ours(
    hall: Hall, front: Front, said: Speech, visit: Visit | None, endpoint: Endpoint,
    slip: Exception,
) -> Response:  # fmt: skip
    log.error("page %s", endpoint.name, exc_info=slip)
    why = said.say("The fault is ours, and we see it. Nothing was half done.")
    return _page(hall, front, said, visit, said.say("It went wrong here"), why, 500)


def _page(
    hall: Hall, front: Front, said: Speech, visit: Visit | None, title: str, why: str,
    status: int,
) -> Response:  # fmt: skip
    there = Page(
        "stopped", title, {"why": why, "back": site.came_from(request)}, status
    )
    return shown.page(hall.parts, request, front, said, visit, there)
