"""All shops as one application, each brand under its own host, beside the bridge.

It is a process of its own, as the console is: it reads the database, and has things
done by the same orders. Where it does not run, nothing else is different.
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
from bridge.web.shop import mount

LARGEST = 2**16
"""Bytes of a form."""


def served() -> Flask:
    """In its own process: nothing waits for its end."""
    return create_shops(beside.begun())


def create_shops(parts: Parts) -> Flask:
    app = Flask("shops", static_folder=None)
    headers.on(app)
    # No path of ours has two slashes, and a stranger's host is not led on to another.
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST
    hall = Hall(parts, partial(ordering.order, parts), Paces())
    app.register_blueprint(mount.blueprint(hall))
    hops = parts.config.street.proxies
    if hops:
        near = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = near  # type: ignore[method-assign]
    return app
