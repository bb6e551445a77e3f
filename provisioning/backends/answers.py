"""Reading an answer: JSON of one meaning, words fit for a message, how long to wait."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NoReturn

from provisioning.core.outcomes import Broken

EXCERPT = 200
LONGEST_WAIT = timedelta(hours=1)
SECRETS = re.compile(
    r"([\w-]*(?:pass|token|secret|key)[\w-]*\W{0,4}[:=]).*", re.IGNORECASE | re.DOTALL
)
"""A name that promises a secret, and all that follows it."""


def strict(text: str) -> Any:
    """ValueError or RecursionError, where it is no JSON or says something twice."""
    return json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)


def dressed(*secrets: str) -> tuple[str, ...]:
    """And as they look in JSON."""
    return secrets + tuple(json.dumps(secret)[1:-1] for secret in secrets)


def told(text: object, secrets: tuple[str, ...]) -> str:
    """What the other side said, fit for a message: short, and without secrets."""
    shown = str(text)
    for secret in filter(None, secrets):
        shown = shown.replace(secret, "***")
    shown = SECRETS.sub(r"\1 ***", shown[: 4 * EXCERPT])
    plain = " ".join(shown.split())[:EXCERPT]
    # NUL and half a surrogate pair are kept by no database, and printed nowhere.
    return "".join(c if c.isprintable() else "\ufffd" for c in plain)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """In seconds, or not at all: a date is read by nobody's clock but theirs."""
    asked = headers.get("retry-after", "")
    seconds = int(asked) if re.fullmatch("[0-9]{1,9}", asked) else None
    return None if seconds is None else min(timedelta(seconds=seconds), LONGEST_WAIT)


def moved(asked: str, status: int) -> NoReturn:
    """Followed, a write could become a GET and do nothing: never followed."""
    raise Broken(f"{asked} is redirected ({status}); set url to where it leads")


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name stands twice")
    return names
