"""How a shop's pages are rendered: in its brand's colours, the visitor's language."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from pathlib import Path
from typing import Any

from flask import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bridge.access.customers import Right
from bridge.keys import Keys, random_token
from bridge.parts import Parts
from bridge.web import site
from bridge.web.access import cookies
from bridge.web.shop import called
from bridge.web.shop.fronts import Front
from bridge.web.shop.visit import Visit
from bridge.web.site import HEADERS, NOTICE, Go, Page
from bridge.words.limits import limit
from bridge.words.pages import install
from bridge.words.speech import Speech
from bridge.words.speech import speech as of

HERE = Path(__file__).parent
PAGES = Environment(
    loader=FileSystemLoader(HERE / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
install(PAGES)
PAGES.globals |= {"Right": Right}
STYLE = "shop.css"
SCRIPT = "htmx.js"
CONSOLE = HERE.parent / "console" / "static"


def page(
    parts: Parts, request: Request, front: Front, speech: Speech, visit: Visit | None,
    shown: Page,
) -> Response:  # fmt: skip
    keys = parts.keys
    session = visit.asked.session if visit else None
    told = PAGES.get_template(f"{shown.template}.html").render(
        shown.data
        | {
            "title": shown.title,
            "visit": visit,
            "front": front,
            "speech": speech,
            "path": request.path,
            "form_token": cookies.form_token(keys, session) if session else "",
            "once": random_token,
            "notice": site.notice(keys, request),
            "style": style_path(front),
            "script": script_path(),
            "cycles": called.cycles(speech),
            "limit_name": partial(limit, speech),
            "states": called.states(speech),
            "statuses": called.statuses(speech),
            "whys": called.whys(speech),
            "languages": [of(each) for each in front.brand.languages],
            "here": request.full_path.rstrip("?"),
        }
    )
    response = Response(told, shown.status, headers=HEADERS, mimetype="text/html")
    response.headers["Content-Language"] = speech.language
    response.headers["Vary"] = "Accept-Language, Cookie"
    if shown.again:
        response.headers["Refresh"] = str(shown.again)
    if shown.onward:
        # Not a redirect: browsers hold what a form may lead to against `form-action`.
        response.headers["Refresh"] = f"0; url={shown.onward}"
    if NOTICE in request.cookies:
        response.delete_cookie(NOTICE)
    return response


def alone(template: str, front: Front, speech: Speech, told: dict[str, Any]) -> str:
    """A page that is kept as a file: nothing of it is loaded from anywhere."""
    known = {"front": front, "speech": speech}
    return PAGES.get_template(f"{template}.html").render(known | told)


def go(keys: Keys, front: Front, where: Go) -> Response:
    return site.go(keys, where, safe=front.shop.is_safe)


def style(front: Front) -> bytes:
    """Its brand's colours, and what is the same for all."""
    return (front.tokens + _common()).encode()


def style_path(front: Front) -> str:
    """With what is in it in its name: kept for ever, and never an old one."""
    return f"/static/{_digest(style(front))}/{STYLE}"


@cache
def script() -> bytes:
    return (CONSOLE / SCRIPT).read_bytes()


def script_path() -> str:
    return f"/static/{_digest(script())}/{SCRIPT}"


@cache
def _common() -> str:
    return (HERE / "static" / STYLE).read_text(encoding="utf-8")


@cache
def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
