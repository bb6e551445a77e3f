"""The description of all calls, for programs."""

from __future__ import annotations

from flask import Response

from bridge.access.roles import May
from bridge.web.api import openapi
from bridge.web.api.registry import about, every
from bridge.web.asked import Asked


@about.get("/openapi.json", may=May.SEE)
def document(_: Asked) -> Response:
    """This description, as OpenAPI 3.1: what is not in it does not exist."""
    return Response(openapi.text(every()), mimetype="application/json")
