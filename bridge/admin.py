"""The console and the API as one application, beside the bridge and never in its way.

It is a process of its own, as the command line is: it reads the database, and has
things done by the same orders. Where it does not run, nothing else is different.
"""

from __future__ import annotations

from functools import partial

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from bridge import beside, ordering
from bridge.parts import Parts
from bridge.web import headers
from bridge.web.access.paces import Paces
from bridge.web.access.steps import Hall
from bridge.web.api import mount as api
from bridge.web.console import mount as console

LARGEST = 2**20
"""Bytes of a form or a body."""


def served() -> Flask:
    """In its own process: nothing waits for its end."""
    return create_console(beside.begun())


def create_console(parts: Parts) -> Flask:
    app = Flask("console", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST
    headers.on(app)
    hall = Hall(parts, partial(ordering.order, parts), Paces())
    app.register_blueprint(console.blueprint(hall))
    app.register_blueprint(api.blueprint(hall))
    hops = parts.config.console.proxies
    if hops:
        near = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = near  # type: ignore[method-assign]
    return app
