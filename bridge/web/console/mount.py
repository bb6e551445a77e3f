"""Each declared page gets its route; what stops a request becomes a page, too."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import Blueprint, Response, request
from flask import Request as Asking

from bridge.access.roles import May
from bridge.access.who import Who
from bridge.parts import Parts
from bridge.store import audit
from bridge.store.audit import Note
from bridge.store.database import Lost
from bridge.store.sessions import Session
from bridge.web import site
from bridge.web.access import cookies, steps
from bridge.web.access.steps import SLIPS, Hall, Stopped, Visitor
from bridge.web.asked import Asked
from bridge.web.console import shown
from bridge.web.console.declared import console
from bridge.web.console.shown import STATIC
from bridge.web.registry import Endpoint
from bridge.web.site import HEADERS, Go, Page, Told
from provisioning.core.outcomes import Outcome

log = logging.getLogger(__name__)

FOR_EVER = "public, max-age=31536000, immutable"
NOTED = timedelta(minutes=1)
LOOK_FIRST = "it may have been done or not; look before you say it again"
LEADS = {"acct_": "/accounts", "op_": "/events"}
"""Where what an act was about is shown, by how its name begins."""


@dataclass(frozen=True, slots=True)
class Pages:
    """How pages know who asks: by the cookie, and the token in each form."""

    parts: Parts
    via: str = "console"

    def names_us(self, asking: Asking) -> bool:
        return steps.is_console(self.parts, asking)

    def visitor(self, asking: Asking, at: datetime) -> Visitor | None:
        found = cookies.logged_in(self.parts, asking, at)
        return Visitor(found[1].principal, found[0]) if found else None

    def once(self, asking: Asking) -> str | None:
        return site.once(asking)

    def asked(self, _: Asking) -> str | None:
        """What a form asks for is the same whenever it is sent."""

    def is_ours(self, asking: Asking, session: Session | None) -> bool:
        keys, url = self.parts.keys, self.parts.config.console.url
        token = asking.form.get("token", "")
        return cookies.is_ours(keys, url, asking, session, token)

    def is_fresh(self, visitor: Visitor, at: datetime) -> bool:
        return visitor.session is not None and cookies.is_fresh(visitor.session, at)

    def query(self, asking: Asking) -> Mapping[str, Any]:
        return site.query(asking)

    def body(self, asking: Asking) -> Mapping[str, Any]:
        return site.body(asking)


def blueprint(hall: Hall) -> Blueprint:
    there = Blueprint("console", __name__)
    manner = Pages(hall.parts)
    for endpoint in console:
        there.add_url_rule(
            endpoint.path, endpoint.name.replace(".", "_"),
            _view(hall, manner, endpoint), methods=[endpoint.method],
            provide_automatic_options=False,
        )  # fmt: skip

    @there.get("/static/<digest>/<name>")
    def static(digest: str, name: str) -> Response:
        if name not in STATIC or shown.static_name(name).split("/")[2] != digest:
            return Response(status=404)
        content = shown.static_content(name)
        headers = HEADERS | {"Cache-Control": FOR_EVER}
        return Response(content, headers=headers, mimetype=STATIC[name])

    @there.app_errorhandler(404)
    def missing(_: Exception) -> Response:
        gone = Page(
            "stopped", "Not there",
            {"why": "There is no such page.", "back": "/"}, 404,
        )  # fmt: skip
        return shown.page(hall.parts, request, None, gone)

    return there


def _view(hall: Hall, manner: Pages, endpoint: Endpoint) -> Callable[..., Response]:
    parts = hall.parts

    def view(**params: str) -> Response:
        asked = done = None
        try:
            asked = steps.let_in(hall, manner, endpoint, request, params)
            done = _done_before(parts, manner, endpoint, asked)
            _still_here(asked)
            return _respond(parts, asked, endpoint.call(asked, **params))
        except Stopped as no:
            return _stopped(parts, endpoint, no, asked)
        except SLIPS as slip:
            return _ours(parts, asked, endpoint, slip)
        except (LookupError, Outcome, Lost) as no:
            if asked and done:
                return _already(parts, asked, done)
            return _refused(parts, endpoint, asked, no)
        except Exception as other:  # noqa: BLE001 - it is logged there
            gone = isinstance(other, sa.exc.OperationalError)
            return (_gone if gone else _ours)(parts, asked, endpoint, other)

    return view


def _done_before(
    parts: Parts, manner: Pages, endpoint: Endpoint, asked: Asked
) -> Note | None:
    """What came of this very form when it was sent before."""
    once = manner.once(request) if endpoint.changes and asked.principal else None
    if once is None:
        return None
    with parts.database.read() as tx:
        return audit.under(tx, Who(asked.who.name, manner.via, f"{once}/1"))


def _already(parts: Parts, asked: Asked, done: Note) -> Response:
    """Sent again with something else in it: by going back, or in another window."""
    why = (
        f"This form was sent before, at {done.at:%H:%M:%S} on {done.at:%Y-%m-%d}:"
        f" {done.what} was done then, once. What you sent now did nothing. To do"
        " something else, open the page anew."
    )
    told = {
        "why": why,
        "back": site.came_from(request),
        "came": _came_of_it(asked, done),
    }
    return shown.page(parts, request, asked, Page("stopped", "Done already", told, 409))


def _came_of_it(asked: Asked, done: Note) -> str | None:
    about = quote(done.about or "", safe="")
    for begins, page in LEADS.items():
        if about.startswith(begins):
            return f"{page}/{about}"
    return f"/audit?about={about}" if about and asked.may(May.AUDIT) else None


def _respond(parts: Parts, asked: Asked, answer: object) -> Response:
    match answer:
        case Page():
            return shown.page(parts, request, asked, answer)
        case Go():
            return shown.go(parts, answer)
        case Told():
            return site.told(answer)
        case Response():
            return answer
    raise TypeError(f"a page answers with Page, Go or Told, not {type(answer)}")


def _stopped(
    parts: Parts, endpoint: Endpoint, no: Stopped, asked: Asked | None = None
) -> Response:
    here = quote(request.full_path.rstrip("?") if request.method == "GET" else "/")
    if no.code == "log_in_first":
        return shown.go(parts, Go(f"/login?next={here}"))
    if no.code == "prove_first":
        back = quote(site.came_from(request)) if endpoint.changes else here
        return shown.go(parts, Go(f"/prove?next={back}"))
    if no.code == "unreadable" and endpoint.changes:
        faults = "; ".join(f"{name}: {why}" for name, why in no.faults.items())
        return shown.go(
            parts, Go(site.came_from(request), faults or no.detail, bad=True)
        )
    response = _page(parts, asked, "Not done", no.detail, no.status)
    if no.wait:
        response.headers["Retry-After"] = str(no.wait)
    return response


def _refused(
    parts: Parts, endpoint: Endpoint, asked: Asked | None, no: Exception
) -> Response:
    """Told on the page the form was on; a page that cannot be shown says why."""
    why = f"{no}: {LOOK_FIRST}" if isinstance(no, Lost) else str(no)
    if endpoint.changes:
        return shown.go(parts, Go(site.came_from(request), why, bad=True))
    return _page(parts, asked, "Not there", why, 404)


def _gone(
    parts: Parts, asked: Asked | None, endpoint: Endpoint, why: Exception
) -> Response:
    log.warning("the database did not answer %s: %s", endpoint.name, type(why).__name__)
    later = "The database does not answer just now. Try again in a moment."
    return _page(parts, asked, "Not just now", later, 503)


def _ours(
    parts: Parts, asked: Asked | None, endpoint: Endpoint, slip: Exception
) -> Response:
    log.error("page %s", endpoint.name, exc_info=slip)
    why = "The fault is ours; the log says more. Nothing was half done."
    return _page(parts, asked, "It went wrong here", why, 500)


def _page(
    parts: Parts, asked: Asked | None, title: str, why: str, status: int
) -> Response:
    told = {"why": why, "back": site.came_from(request)}
    return shown.page(parts, request, asked, Page("stopped", title, told, status))


def _still_here(asked: Asked) -> None:
    """Noted once a minute, so that half an hour without a click is half an hour.

    What a page asks for by itself is no click: nobody may be there.
    """
    if "HX-Request" in request.headers or asked.session is None:
        return
    if asked.now - asked.session.seen_at > NOTED:
        now = asked.now.isoformat()
        asked.order("session.seen", session=asked.session.hash, now=now)
