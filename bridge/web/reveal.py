"""GET /reveal/<source>/<token>: a page with one button. POST shows the password.

Mail scanners open every link, so opening one uses nothing up; only the button does.
There is no other token against a form from elsewhere: whoever can make a browser send
this one has the link, and could press the button himself.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flask import Blueprint, Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bridge.clock import Clock
from bridge.config import Brand
from bridge.keys import Keys, hashed
from bridge.store import logins
from bridge.store.database import Database
from bridge.store.logins import Seen
from bridge.styles import HEADERS, STYLE
from bridge.words import FIRST, Speech, speech
from bridge.words.pages import best, install

log = logging.getLogger(__name__)

PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
)
install(PAGES)


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: str = field(repr=False)


def blueprint(
    brands: Mapping[str, Brand], database: Database, keys: Keys, clock: Clock
) -> Blueprint:
    """Links of sources that have no brand lead nowhere."""
    pages = Blueprint("reveal", __name__)

    @pages.get("/reveal/<source>/<token>")
    def ask(source: str, token: str) -> Response:
        with database.read() as tx:
            alive = logins.is_open(tx, source, hashed(token), clock.now())
        brand = brands.get(source)
        return _closed(brand) if brand and alive else _dead(brand)

    @pages.post("/reveal/<source>/<token>")
    def show(source: str, token: str) -> Response:
        brand = brands.get(source)
        if brand is None:
            return _dead(None)
        with database.change() as tx:
            seen = logins.see(tx, source, hashed(token), clock.now())
            # In here: a password that does not open uses no view up.
            login = _login(seen, keys) if seen else None
        return _open(brand, login, seen.left) if seen and login else _dead(brand)

    @pages.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        # Flask's own line in the log would name the path, and the token with it.
        log.error("a login page failed: %s", type(error).__name__)
        said = _speech(None)
        return _page(
            503,
            None,
            said,
            title=said.say("It does not work just now"),
            what=said.say(
                "The fault is ours, and nothing is lost. Try again in a few minutes."
            ),
        )

    return pages


def _login(seen: Seen, keys: Keys) -> Login:
    return Login(seen.username, keys.unseal(seen.sealed, seen.account))


def _speech(brand: Brand | None) -> Speech:
    """Of those its brand speaks, the one the browser asks for."""
    offered = brand.languages if brand else (FIRST,)
    return speech(best(request.headers.get("Accept-Language"), None, offered))


def _closed(brand: Brand) -> Response:
    said = _speech(brand)
    return _page(200, brand, said, title=said.say("Your login"), alive=True)


def _open(brand: Brand, login: Login, left: int) -> Response:
    said = _speech(brand)
    return _page(
        200,
        brand,
        said,
        title=said.say("Your login"),
        login=login,
        left=_left(said, left),
    )


def _left(said: Speech, left: int) -> str:
    if not left:
        return said.say(
            "This was the last time: keep the password in a safe place now."
        )
    return said.many(
        "You can open this {n} more time.", "You can open this {n} more times.", left
    )


def _dead(brand: Brand | None) -> Response:
    """Never was, was used up, is too old: one page, that does not tell which."""
    said = _speech(brand)
    return _page(
        404,
        brand,
        said,
        title=said.say("This link does not work"),
        what=said.say(
            "A link shows the password for 24 hours and three times at most; after"
            " that it is worth nothing, and so is one that is not complete."
        ),
        dead=True,
    )


def _page(status: int, brand: Brand | None, said: Speech, **told: object) -> Response:
    blank = {"alive": False, "login": None, "left": "", "what": "", "dead": False}
    page = PAGES.get_template("reveal.html").render(
        blank
        | told
        | {
            "brand": brand,
            "speech": said,
            # Ours, and said as it is: its hash stands in the headers.
            "style": Markup(STYLE),  # noqa: S704 - a constant
        }
    )
    headers = HEADERS | {"Content-Language": said.language, "Vary": "Accept-Language"}
    return Response(page, status, headers=headers, mimetype="text/html")
