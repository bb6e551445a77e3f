"""The OpenAPI 3.1 document, made of the registry alone: what routes go by, it says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import version
from inspect import cleandoc
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from bridge.web.api import examples
from bridge.web.api.fields import Answer, shown
from bridge.web.api.manner import ONCE
from bridge.web.registry import PARAM, Endpoint

PARAMS = {
    "account": "An account's id, or a service with its source: shop:1001.",
    "operation": "An event's own name here: `operation` of the list.",
    "change": "The name of an event that asks for another package.",
    "attempt": "The number of a call to a backend.",
    "confirmation": "The number of a plan that was confirmed.",
    "coupon": "A coupon's id.",
    "held": "The key of a sum.",
    "backend": "A backend's name in the configuration.",
    "delivery": "The number of a mail or webhook.",
    "tick": "The name of what is done again and again.",
    "batch": "The name of what is done for many.",
    "adoption": "The name of a list of users to be adopted.",
    "run": "The number of a reconciliation.",
    "order": "What an order of a shop is called.",
}
ABOUT = """\
What the console and the command line do, for programs. `docs/api.md` begins with a key
and a first call.

Every answer that is no success is `application/problem+json` with a stable `code`.
A list has `items` and `next`: send `next` as `cursor` for the rest. What is another
source's is not there. Send an `Idempotency-Key` with what must not be done twice: the
same request under the same key is answered again, and nothing is done."""

ERRORS = {
    "400": ("Unreadable", "not_json: the body is no JSON, or has two meanings."),
    "401": ("NoKey", "no_key: there is no key, or it holds no longer."),
    "403": ("NotAllowed", "not_allowed, not_all: the key's role may not."),
    "404": ("NotThere", "not_there: there is no such thing, or it is another's."),
    "409": ("Cannot", "cannot, refused, changed: as things are, it cannot be done."),
    "413": ("TooLarge", "too_large: the body has too many bytes."),
    "415": ("NotJson", "not_json: Content-Type must be application/json."),
    "422": ("Invalid", "invalid, key_reused, bad_key: `problems` says what is wrong."),
    "429": ("TooFast", "too_fast: come back after `Retry-After` seconds."),
    "502": ("Broken", "broken: a backend does not keep its contract."),
    "503": ("NotNow", "later, unsure, no_database: look, or try again."),
}
ALWAYS = ("401", "403", "404", "409", "422", "429", "502", "503")
CHANGING = ("400", "413", "415")


class Fault(Answer):
    path = shown("Where in the body or the query.", "because")
    reason = shown("What is wrong with it.", "say why; it is kept")


class Problem(Answer):
    """RFC 9457."""

    type = shown(
        "A name for the code, not an address.", "urn:switchhook:problem:cannot"
    )
    title = shown("The status in words.", "Conflict")
    status = shown("The status.", 409, fields.Integer)
    code = shown("For programs: it stays the same.", "cannot")
    detail = shown("For people: what, why, and the way out.")
    problems = fields.List(
        fields.Nested(Fault),
        metadata={"description": "What is wrong, one by one, where several may be."},
    )


def text(endpoints: Iterable[Endpoint]) -> str:
    """The same letters for the same calls."""
    return json.dumps(document(endpoints), indent=2) + "\n"


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    spec = APISpec(
        title="Switchhook",
        version=version("switchhook"),
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        info={"description": ABOUT, "license": {"name": "Apache-2.0"}},
        security=[{"key": []}],
    )
    spec.components.security_scheme(
        "key",
        {
            "type": "http",
            "scheme": "bearer",
            "description": "A key that `switchhook apikey create` printed: swk_…",
        },
    )
    spec.components.schema("Problem", schema=Problem)
    for name, about in ERRORS.values():
        spec.components.response(name, _error(about))
    for endpoint in sorted(endpoints, key=lambda one: (one.path, one.method)):
        spec.path(
            path=PARAM.sub(r"{\1}", endpoint.path),
            operations={endpoint.method.lower(): _operation(endpoint)},
        )
    return spec.to_dict()


def _error(about: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": "Problem"}}
    return {"description": about, "content": content}


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": endpoint.call.__name__,
        "summary": endpoint.summary,
        "description": _description(endpoint),
        "tags": [endpoint.name.partition(".")[0]],
        "x-permission": str(endpoint.may),
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint),
        "x-codeSamples": [
            {"lang": language, "source": source}
            for language, source in examples.samples(endpoint).items()
        ],
    }
    if endpoint.takes:
        told["requestBody"] = {
            "required": _is_needed(endpoint.takes),
            "content": {
                "application/json": {
                    "schema": endpoint.takes,
                    "example": examples.example(endpoint.takes),
                }
            },
        }
    return told


def _description(endpoint: Endpoint) -> str:
    """What its docstring says beyond the first line, and who may."""
    more = cleandoc(endpoint.call.__doc__ or "").partition("\n")[2].strip()
    of_all = " that sees all sources" if endpoint.whole else ""
    may = f'For a key{of_all} whose role may "{endpoint.may}".'
    return f"{more}\n\n{may}".strip()


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    known: list[dict[str, Any]] = [
        {
            "in": "path",
            "name": name,
            "required": True,
            "description": PARAMS[name],
            "schema": {"type": "string", "minLength": 1},
            "example": examples.SAMPLES[name],
        }
        for name in endpoint.params
    ]
    if endpoint.query:
        known.append({"in": "query", "schema": endpoint.query})
    if endpoint.changes:
        known.append(
            {
                "in": "header",
                "name": ONCE,
                "description": "Your own name for it: it is done once.",
                "schema": {"type": "string", "pattern": "^[!-~]{1,64}$"},
                "example": examples.once(endpoint),
            }
        )
    return known


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    codes = [*ALWAYS, *(CHANGING if endpoint.changes else ())]
    errors = {code: ERRORS[code][0] for code in sorted(codes)}
    return {"200": _success(endpoint), **errors}


def _success(endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.path.endswith(".csv"):
        return {
            "description": "A file, with its names in the first line.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        }
    schema = endpoint.answers or {"type": "object"}
    about = (endpoint.answers.__doc__ if endpoint.answers else None) or "Done."
    return {
        "description": about.partition("\n")[0],
        "content": {"application/json": {"schema": schema}},
    }


def _is_needed(schema: type[Schema]) -> bool:
    return any(field.required for field in schema().fields.values())
