"""Each declared page gets its route; the host says whose shop it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http.client import NOT_FOUND
from math import ceil
from urllib.parse import quote

import sqlalchemy as sa
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from bridge.access.who import Who
from bridge.store.customers import Customer
from bridge.store.database import Lost
from bridge.store.sessions import Session
from bridge.web import site
from bridge.web.access import steps
from bridge.web.access.steps import Hall, Stopped
from bridge.web.asked import Asked
from bridge.web.forms import TURNED
from bridge.web.registry import Endpoint
from bridge.web.shop import shown
from bridge.web.shop.declared import shop
from bridge.web.shop.fronts import Front, fronts
from bridge.web.shop.manner import LANGUAGE, Customers, logged_in
from bridge.web.shop.visit import Visit
from bridge.web.site import FOR_EVER, HEADERS, Go, Page
from bridge.words.pages import best
from bridge.words.speech import Speech, speech
from provisioning.core.outcomes import Outcome

log = logging.getLogger(__name__)

NOTED = MINUTE = timedelta(minutes=1)
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

    @there.app_errorhandler(HTTPException)
    def missing(_: HTTPException) -> Response:
        """A path or a way to ask that nothing is declared for."""
        front = by_host.get(request.host)
        if front is None:
            return _nobody()
        found = _there(hall, front)
        said = _speech(front, found[1].language if found else None)
        why = said.say("There is no such page.")
        scene = Scene(hall, front, said, found)
        return scene.stopped(said.say("Not there"), why, 404)

    return there


def _there(hall: Hall, front: Front) -> tuple[Session, Customer] | None:
    """Who is logged in; nobody, where that cannot be looked up just now."""
    try:
        return logged_in(hall.parts, front, request, hall.parts.clock.wall())
    except sa.exc.OperationalError:
        return None


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


@dataclass(slots=True)
class Scene:
    """All it takes to answer somebody, whatever becomes of what he asks."""

    hall: Hall
    front: Front
    said: Speech
    found: tuple[Session, Customer] | None = None
    """Who is logged in."""

    visit: Visit | None = None
    """None until he was let in."""

    def shown(self, there: Page) -> Response:
        parts, visit = self.hall.parts, self.visit or self._known()
        return shown.page(parts, request, self.front, self.said, visit, there)

    def _known(self) -> Visit | None:
        """Who is not let in stays logged in, and sees that he is."""
        if self.found is None:
            return None
        session, who = self.found
        parts, order = self.hall.parts, partial(self.hall.order, Who(who.id, "shop"))
        asked = Asked(parts, who.buyer, session, order, {}, parts.clock.wall())
        return Visit(asked, self.front, self.said)

    def gone(self, where: Go) -> Response:
        return shown.go(self.hall.parts.keys, self.front, where)

    def stopped(self, title: str, why: str, status: int) -> Response:
        told = {"why": why, "back": site.came_from(request)}
        return self.shown(Page("stopped", title, told, status))


def _answered(
    hall: Hall, front: Front, endpoint: Endpoint, params: Mapping[str, str]
) -> Response:
    scene = Scene(hall, front, _speech(front, None))
    try:
        found = logged_in(hall.parts, front, request, hall.parts.clock.wall())
        scene.found = found
        scene.said = _speech(front, found[1].language if found else None)
        manner = Customers(hall.parts, front, found)
        asked = _let_in(scene, manner, endpoint, params)
        scene.visit = visit = Visit(asked, front, scene.said)
        answer = endpoint.call(visit, **params)
        _still_here(visit, answer)
        return _respond(scene, answer)
    except Exception as no:  # noqa: BLE001 - each has its answer, and is logged
        return _no(scene, endpoint, no)


def _let_in(
    scene: Scene, manner: Customers, endpoint: Endpoint, params: Mapping[str, str]
) -> Asked:
    try:
        return steps.let_in(scene.hall, manner, endpoint, request, params)
    except RequestEntityTooLarge:
        raise Stopped(413, "too_much", "That was too much at once.") from None


def _still_here(visit: Visit, answer: object) -> None:
    """Noted once a minute. What a page asks for by itself is no click."""
    session = visit.asked.session
    by_itself = isinstance(answer, Page) and answer.again
    if session is None or by_itself or "HX-Request" in request.headers:
        return
    if visit.now - session.seen_at > NOTED:
        now = visit.now.isoformat()
        visit.order("customer.seen", session=session.hash, now=now)


def _respond(scene: Scene, answer: object) -> Response:
    match answer:
        case Page():
            return scene.shown(answer)
        case Go():
            return scene.gone(answer)
        case Response():
            return answer
    raise TypeError(f"a page answers with Page or Go, not {type(answer)}")


def _no(scene: Scene, endpoint: Endpoint, no: Exception) -> Response:
    """Why there is no page, as people can use it."""
    said = scene.said
    match no:
        case Stopped():
            return _stopped(scene, endpoint, no)
        case KeyError() | IndexError():
            return _ours(scene, endpoint, no)
        case LookupError() | Outcome():
            return _refused(scene, endpoint, str(no), getattr(no, "to", None))
        case Lost():
            why = said.say(
                "Nobody knows whether that was kept. Look before you say it again."
            )
            return _refused(scene, endpoint, why)
        case sa.exc.OperationalError():
            kind = type(no).__name__
            log.warning("the database did not answer %s: %s", endpoint.name, kind)
            why = said.say("We cannot look it up just now. Try again in a moment.")
            return scene.stopped(said.say("Not just now"), why, 503)
    return _ours(scene, endpoint, no)


def _stopped(scene: Scene, endpoint: Endpoint, no: Stopped) -> Response:
    if no.code == "log_in_first":
        here = (
            request.full_path.rstrip("?")
            if request.method == "GET"
            else site.came_from(request)
        )
        return scene.gone(Go(f"/login?next={quote(here)}"))
    why = _worded(scene.said, no)
    if no.code == "unreadable" and endpoint.changes:
        return scene.gone(Go(site.came_from(request), why, bad=True))
    there = no.status != NOT_FOUND
    title = scene.said.say("Not done") if there else scene.said.say("Not there")
    answer = scene.stopped(title, why, no.status)
    if no.wait:
        answer.headers["Retry-After"] = str(no.wait)
    return answer


def _worded(said: Speech, no: Stopped) -> str:
    time = said.lasting(_in_minutes(no.wait or 1))
    told = {
        "not_there": said.say("There is no such thing, or it is not yours."),
        "not_allowed": said.say("You may look, but not do that. Ask the owner."),
        "too_fast": said.say("That was too often. Try again in {time}.", time=time),
        "too_many_logins": said.say(
            "Too many tries to log in with this e-mail address. Try again in {time},"
            " or choose a new password by “Password forgotten?”.",
            time=time,
        ),
        "form_of_elsewhere": said.say(
            "That page was too old. Open it anew and say it again."
        ),
        "prove_first": said.say("Log in anew first: this needs to be you."),
        "too_much": said.say("That was too much at once. Send less."),
        "unreadable": said.say("Something in the form is not as it should be."),
    }
    why = told.get(no.code, said.say("That cannot be done."))
    ours = {TURNED: said.say(TURNED)}
    each = (f"{name}: {ours.get(fault, fault)}" for name, fault in no.faults.items())
    faults = "; ".join(each)
    return f"{why} {faults}" if faults else why


def _in_minutes(seconds: int) -> timedelta:
    """Beyond one, whole ones: nobody waits by the second."""
    wait = timedelta(seconds=seconds)
    return wait if wait <= MINUTE else ceil(wait / MINUTE) * MINUTE


def _refused(
    scene: Scene, endpoint: Endpoint, why: str, to: str | None = None
) -> Response:
    """Told on the page the form was on, or on the one that goes on from there; a page
    that cannot be shown says why."""
    if to:
        return scene.gone(Go(to, why, bad=True))
    if endpoint.changes:
        return scene.gone(Go(site.came_from(request), why, bad=True))
    return scene.stopped(scene.said.say("Not there"), why, 404)


def _ours(scene: Scene, endpoint: Endpoint, slip: Exception) -> Response:
    log.error("page %s", endpoint.name, exc_info=slip)
    said = scene.said
    why = said.say("The fault is ours, and we see it. Nothing was half done.")
    return scene.stopped(said.say("It went wrong here"), why, 500)
