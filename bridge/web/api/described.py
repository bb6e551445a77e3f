"""The description of all calls, for programs."""

from __future__ import annotations

from functools import cache

from flask import Response

from bridge.access.roles import May
from bridge.web.api import openapi
from bridge.web.api.registry import about, every
from bridge.web.asked import Asked


@about.get("/openapi.json", may=May.SEE)
def document(_: Asked) -> Response:
    """This description, as OpenAPI 3.1: what is not in it does not exist."""
    return Response(written(), mimetype="application/json")


@cache
def written() -> str:
    """Made once: it changes with another version of the program alone."""
    return openapi.text(every())
