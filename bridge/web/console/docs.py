"""The API as people read it: the same document that programs are given."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from bridge.access.roles import May
from bridge.web.api import openapi
from bridge.web.api.declared import described
from bridge.web.asked import Asked
from bridge.web.console.registry import console
from bridge.web.site import Page

REF = "$ref"
TOPICS = {
    "me": "Who asks",
    "described": "This description",
    "accounts": "Accounts",
    "helping": "Helping a customer",
    "events": "Events",
    "changes": "Changes that wait for a yes",
    "money": "Money",
    "ledger": "Ledger",
    "used": "Usage, and what is owed",
    "catalog": "What is sold",
    "batches": "Many at once",
    "adoptions": "Adopting a fleet",
    "reconciliations": "Reconciliations",
    "operating": "How it runs",
    "shops": "Shops of resellers",
    "floats": "Floats of resellers",
}
BOUNDS = (
    ("minLength", "maxLength", "letters"),
    ("minimum", "maximum", ""),
    ("minItems", "maxItems", "of them"),
)


@console.get("/docs", may=May.SEE)
def docs(_: Asked) -> Page:
    """Each call with what it takes, what it answers, and how it is made."""
    return Page("docs", "API", _told())


@cache
def _told() -> dict[str, Any]:
    """It is of the program: it changes with another version of it."""
    whole = json.loads(described.written())
    topics: dict[str, list[dict[str, Any]]] = {topic: [] for topic in TOPICS.values()}
    for path, methods in whole["paths"].items():
        for method, call in methods.items():
            topics[TOPICS[call["tags"][0]]].append(
                _call(whole, method.upper(), path, call)
            )
    errors = whole["components"]["responses"]
    return {
        "about": whole["info"]["description"].split("\n\n"),
        "topics": topics,
        "errors": {
            code: errors[name]["description"]
            for code, (name, _) in openapi.ERRORS.items()
        },
    }


def _call(
    document: Mapping[str, Any], method: str, path: str, call: Mapping[str, Any]
) -> dict[str, Any]:
    asked = [
        _row(document, one["name"], one["schema"], one) for one in call["parameters"]
    ]
    body = call.get("requestBody", {}).get("content", {}).get("application/json")
    [content] = call["responses"]["200"]["content"].values()
    return {
        "name": call["operationId"],
        "method": method,
        "path": path,
        "summary": call["summary"],
        "description": call["description"].split("\n\n"),
        "asked": asked,
        "body": list(_rows(document, body["schema"])) if body else [],
        "answer": list(_rows(document, content["schema"])),
        "samples": [(one["lang"], one["source"]) for one in call["x-codeSamples"]],
    }


def _rows(
    document: Mapping[str, Any], schema: Mapping[str, Any], before: str = ""
) -> Iterator[dict[str, Any]]:
    """Each value in it, and those within that, by the way to them."""
    of = _found(document, schema)
    for name, part in of.get("properties", {}).items():
        needed = {"required": name in of.get("required", ())}
        yield _row(document, before + name, part, part | needed)
        inner = _found(document, part)
        listed = _found(document, inner.get("items", {}))
        yield from _rows(document, inner, f"{before}{name}.")
        yield from _rows(document, listed, f"{before}{name}[].")


def _row(
    document: Mapping[str, Any], name: str, schema: Mapping[str, Any],
    about: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    of = _found(document, schema)
    kind = of.get("type", "object")
    words = [kind] if isinstance(kind, str) else list(kind)
    return {
        "name": name,
        "kind": " or ".join([of.get("format") or words[0], *words[1:]]),
        "bounds": _bounds(of),
        "required": bool(about.get("required")),
        "about": about.get("description", ""),
    }


def _bounds(of: Mapping[str, Any]) -> str:
    if of.get("enum"):
        return f"one of {', '.join(map(str, of['enum']))}"
    said = (
        f"{of.get(least, 0)} to {of[most]} {what}".strip()
        for least, most, what in BOUNDS
        if most in of
    )
    return ", ".join(said)


def _found(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What it points to, or the first of what it may be."""
    if REF in schema:
        named: Mapping[str, Any] = document["components"]["schemas"][
            schema[REF].rpartition("/")[2]
        ]
        return named
    if "anyOf" in schema:
        return _found(document, schema["anyOf"][0])
    return schema
