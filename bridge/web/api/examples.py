"""How each call is made, by curl and by Python: the tests run them as they stand."""

from __future__ import annotations

import json
from pprint import pformat
from typing import Any
from urllib.parse import quote, urlencode

from marshmallow import Schema

from bridge.web.api.manner import ONCE
from bridge.web.registry import PARAM, Endpoint

SAMPLES = {
    "account": "shop:1001",
    "operation": "op_k3m9x7qa",
    "change": "op_f7w2r9ce",
    "attempt": "17",
    "confirmation": "5",
    "coupon": "cp_a7c2m9xk",
    "held": "shop:line-2/topup",
    "backend": "main",
    "delivery": "7",
    "tick": "wake",
    "batch": "spring-clean",
    "order": "or_k3m9x7qa2c4d",
    "adoption": "moving-in",
    "run": "3",
}
"""What stands in a path, by the parameter's name."""


def samples(endpoint: Endpoint) -> dict[str, str]:
    """By language. Where the console is, and the key, are told by the environment."""
    path, body = filled(endpoint), example(endpoint.takes)
    return {
        "curl": _curl(endpoint, path, body),
        "Python": _python(endpoint, path, body),
    }


def filled(endpoint: Endpoint) -> str:
    """Its path with a sample in it, and what must be asked along."""
    path = PARAM.sub(lambda one: quote(SAMPLES[one[1]], safe=""), endpoint.path)
    asked = example(endpoint.query, only_needed=True)
    return path + (f"?{urlencode(asked)}" if asked else "")


def example(
    schema: type[Schema] | None, *, only_needed: bool = False
) -> dict[str, Any]:
    """What its fields give as an example."""
    told: dict[str, Any] = {}
    for name, field in (schema().fields if schema else {}).items():
        given = field.metadata.get("examples")
        if given and (field.required or not only_needed):
            told[name] = given[0]
    return told


def once(endpoint: Endpoint) -> str:
    """A key for what must not be done twice: one's own name for it."""
    return f"{endpoint.call.__name__.replace('_', '-')}-4711"


def _curl(endpoint: Endpoint, path: str, body: dict[str, Any]) -> str:
    lines = [
        f'curl -sS "$SWITCHHOOK_URL{path}"',
        '-H "Authorization: Bearer $SWITCHHOOK_KEY"',
    ]
    if endpoint.changes:
        lines += [f'-H "{ONCE}: {once(endpoint)}"',
                  '-H "Content-Type: application/json"',
                  f"-d '{json.dumps(body)}'"]  # fmt: skip
    return " \\\n  ".join(lines)


def _python(endpoint: Endpoint, path: str, body: dict[str, Any]) -> str:
    headers = '"Authorization": "Bearer " + os.environ["SWITCHHOOK_KEY"]'
    said = [f"    headers={{{headers}}},"]
    if endpoint.changes:
        said = [
            "    headers={",
            f"        {headers},",
            f'        "{ONCE}": "{once(endpoint)}",',
            "    },",
            f"    json={pformat(body, width=72, sort_dicts=False)},",
        ]
    lines = [
        "import os",
        "import requests",
        "",
        f"answer = requests.{endpoint.method.lower()}(",
        f'    os.environ["SWITCHHOOK_URL"] + "{path}",',
        *said,
        "    timeout=30,",
        ")",
        "answer.raise_for_status()",
        "print(answer.text)",
    ]
    return "\n".join(lines)
