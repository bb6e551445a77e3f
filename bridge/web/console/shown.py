"""What a page answers with: a page, or the way to another; and how it is rendered."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bridge.access.roles import May
from bridge.keys import random_token
from bridge.parts import Parts
from bridge.styles import TOKENS
from bridge.web import site
from bridge.web.access import cookies
from bridge.web.asked import Asked
from bridge.web.console import written
from bridge.web.console.nav import nav
from bridge.web.site import HEADERS, NOTICE, Go, Page

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


def page(parts: Parts, request: Request, asked: Asked | None, shown: Page) -> Response:
    session = asked.session if asked else None
    notice = site.notice(parts.keys, request)
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
    return site.go(parts.keys, where, safe=parts.config.console.is_safe)


@cache
def static_name(name: str) -> str:
    """With what is in it in its name: kept for ever, and never an old one."""
    digest = hashlib.sha256(static_content(name)).hexdigest()[:12]
    return f"/static/{digest}/{name}"


@cache
def static_content(name: str) -> bytes:
    content = (HERE / "static" / name).read_text(encoding="utf-8")
    return (TOKENS + content if name == "console.css" else content).encode()
