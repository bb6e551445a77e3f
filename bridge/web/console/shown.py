"""What a page answers with: a page, or the way to another; and how it is rendered."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cache
from hmac import compare_digest
from pathlib import Path
from typing import Any

from flask import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bridge.access.roles import May
from bridge.app import Parts
from bridge.keys import Keys, random_token
from bridge.look import TOKENS
from bridge.web.access import cookies
from bridge.web.asked import Asked
from bridge.web.console import written
from bridge.web.console.nav import nav

HERE = Path(__file__).parent
PAGES = Environment(
    loader=FileSystemLoader(HERE / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.globals |= {"May": May, "nav": nav}
PAGES.filters |= written.FILTERS
STATIC = {"console.css": "text/css", "htmx.js": "text/javascript"}
NOTICE = "notice"
OWN_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_.:@%?&=+,!~-]*\Z")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
        " img-src 'self' data:; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not none at all: browsers would then say of our own forms that nobody sent them.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Page:
    """*template* without its ending; *data* is what it shows."""

    template: str
    title: str
    data: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    again: int | None = None
    """Seconds after which the browser asks anew, where something still moves."""


@dataclass(frozen=True, slots=True)
class Go:
    """See another page; *said* is what is told there, once."""

    to: str
    said: str | None = None
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A file to keep, as CSV."""

    name: str
    text: str


def page(parts: Parts, request: Request, asked: Asked | None, shown: Page) -> Response:
    session = asked.session if asked else None
    notice = _notice(parts.keys, request)
    told = PAGES.get_template(f"{shown.template}.html").render(
        shown.data
        | {
            "title": shown.title,
            "asked": asked,
            "path": request.path,
            "who": asked.principal if asked else None,
            "form_token": cookies.form_token(parts.keys, session) if session else "",
            "once": random_token,
            "notice": notice,
            "static": static_name,
        }
    )
    response = Response(told, shown.status, headers=HEADERS, mimetype="text/html")
    if shown.again:
        response.headers["Refresh"] = str(shown.again)
    if NOTICE in request.cookies:
        response.delete_cookie(NOTICE)
    return response


def go(parts: Parts, where: Go) -> Response:
    """303: the browser asks for it anew, and going back sends nothing twice."""
    response = Response(status=303, headers={**HEADERS, "Location": own(where.to)})
    if where.said:
        response.set_cookie(
            NOTICE, _signed(parts.keys, where.said, where.bad), max_age=60,
            httponly=True, secure=parts.config.console.is_safe, samesite="Strict",
        )  # fmt: skip
    return response


def own(path: str) -> str:
    """A path of ours; whoever made the link wanted to send somebody elsewhere."""
    return path if OWN_PATH.match(path) else "/"


def told(file: Told) -> Response:
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.text, headers=headers, mimetype="text/csv")


@cache
def static_name(name: str) -> str:
    """With what is in it in its name: kept for ever, and never an old one."""
    digest = hashlib.sha256(static_content(name)).hexdigest()[:12]
    return f"/static/{digest}/{name}"


@cache
def static_content(name: str) -> bytes:
    content = (HERE / "static" / name).read_text(encoding="utf-8")
    return (TOKENS + content if name == "console.css" else content).encode()


def _signed(keys: Keys, said: str, bad: bool) -> str:
    content = json.dumps([said[:500], bad]).encode()
    signed = keys.signed(NOTICE, content)
    return f"{_text(content)}.{_text(signed)}"


def _notice(keys: Keys, request: Request) -> tuple[str, bool] | None:
    """What a page before this one had to say; nobody else can put words there."""
    content, _, signed = request.cookies.get(NOTICE, "").partition(".")
    try:
        said = urlsafe_b64decode(content)
        if not compare_digest(keys.signed(NOTICE, said), urlsafe_b64decode(signed)):
            return None
        text, bad = json.loads(said)
    except ValueError:
        return None
    return str(text), bool(bad)


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode()
