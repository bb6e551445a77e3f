"""The demo's outbox: the mails in its folder, to be read. Only the demo has it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Self

from flask import Flask, Response, abort, redirect
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as Redirect

from bridge.styles import HEADERS, MAIL, STYLE

PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
)
FRAMES = HEADERS | {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; frame-src 'self'"
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One mail of the folder."""

    name: str
    subject: str
    to: str
    sender: str
    date: str
    text: str
    html: str


def kept(folder: Path) -> list[Kept]:
    """The newest first."""
    return [_read(file) for file in sorted(folder.glob("*.eml"), reverse=True)]


def _read(file: Path) -> Kept:
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    return Kept(
        name=file.stem,
        subject=str(mail["Subject"]),
        to=str(mail["To"]),
        sender=str(mail["From"]),
        date=str(mail["Date"]),
        text=str(plain.get_content()) if plain else "",
        html=str(html.get_content()) if html else "",
    )


def pages(folder: Path) -> Flask:
    outbox = Flask("outbox")

    def one(name: str) -> Kept:
        found = next((mail for mail in kept(folder) if mail.name == name), None)
        return found or abort(404)

    @outbox.get("/")
    def home() -> Redirect:
        return redirect("/outbox")

    @outbox.get("/outbox")
    def all_() -> Response:
        return _page("outbox.html", mails=kept(folder))

    @outbox.get("/outbox/<name>")
    def show(name: str) -> Response:
        return _page("mail.html", mail=one(name))

    @outbox.get("/outbox/<name>/html")
    def html(name: str) -> Response:
        return Response(one(name).html, headers=MAIL, mimetype="text/html")

    return outbox


def _page(template: str, **told: object) -> Response:
    style = Markup(STYLE)  # noqa: S704 - a constant
    page = PAGES.get_template(template).render(told, style=style)
    return Response(page, headers=FRAMES, mimetype="text/html")


class Outbox:
    """Its pages on a port of their own, on this machine, while the demo runs."""

    def __init__(self, folder: Path) -> None:
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", 0, pages(folder), threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="outbox", daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/outbox"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """The demo's terminal is for the demo."""
