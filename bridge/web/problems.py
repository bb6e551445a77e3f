"""Refusals as problem+json (RFC 9457): what, why, and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from flask import Response, jsonify


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    faults: Sequence[dict[str, str]] = (),
    retry_after: int | None = None,
) -> Response:
    """*code* is stable and for programs; *detail* is for people."""
    said = {
        "type": f"urn:switchhook:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    response = jsonify(said | ({"problems": list(faults)} if faults else {}))
    response.status_code = status
    response.content_type = "application/problem+json"
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
