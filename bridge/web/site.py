"""What a page answers with, on any of our sites: a page, a way to another, a file.

How it looks is its site's own matter; what a browser is told beside it is the same.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from flask import Request, Response
from marshmallow import ValidationError
from werkzeug.datastructures import FileStorage

from bridge.keys import Keys

NOTICE = "notice"
OWN_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_.:@%?&=+,!~-]*\Z")
ONCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
FORMS = ("token", "once", "username")
"""What of a form is ours, or is there for the browser's own memory."""

FOR_EVER = "public, max-age=31536000, immutable"

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

    onward: str | None = None
    """Where the browser goes on by itself: another site, as it is configured."""


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


def go(keys: Keys, where: Go, *, safe: bool) -> Response:
    """303: the browser asks for it anew, and going back sends nothing twice.

    *safe*: whether the site is reached over https.
    """
    response = Response(status=303, headers={**HEADERS, "Location": own(where.to)})
    if where.said:
        response.set_cookie(
            NOTICE, _signed(keys, where.said, where.bad), max_age=60,
            httponly=True, secure=safe, samesite="Strict",
        )  # fmt: skip
    return response


def own(path: str) -> str:
    """A path of ours; whoever made the link wanted to send somebody elsewhere."""
    return path if OWN_PATH.match(path) else "/"


def told(file: Told) -> Response:
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.text, headers=headers, mimetype="text/csv")


def _signed(keys: Keys, said: str, bad: bool) -> str:
    content = json.dumps([said[:500], bad]).encode()
    signed = keys.signed(NOTICE, content)
    return f"{_text(content)}.{_text(signed)}"


def notice(keys: Keys, request: Request) -> tuple[str, bool] | None:
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


def came_from(asking: Request) -> str:
    """The path of the page before, of ours only."""
    try:
        referer = urlsplit(asking.headers.get("Referer", ""))
    except ValueError:
        return "/"
    where = referer.path + (f"?{referer.query}" if referer.query else "")
    return own(where) if referer.netloc == asking.host else "/"


def once(asking: Request) -> str | None:
    """The key in a form of ours; another is nobody's, and protects nothing."""
    key = asking.form.get("once", "")
    return key if ONCE.fullmatch(key) else None


def query(asking: Request) -> Mapping[str, Any]:
    """A form sends along what was left empty; that was not said."""
    return {name: said for name, said in asking.args.items() if said.strip()}


def body(asking: Request) -> Mapping[str, Any]:
    """What was left empty was not said; what was ticked several times is a list.

    Of a file, what is in it.
    """
    told = {
        name: [value.strip() for value in values if value.strip()]
        for name, values in asking.form.lists()
        if name not in FORMS
    }
    said = {
        name: values[0] if len(values) == 1 else values
        for name, values in told.items()
        if values
    }
    files = asking.files.items()
    return said | {name: _read(name, file) for name, file in files if file.filename}


def _read(name: str, file: FileStorage) -> str:
    content: bytes = file.read()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(
            {name: ["that file is no text in UTF-8; save it as such"]}
        ) from None
