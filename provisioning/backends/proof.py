"""How we prove who we are to ICTBroadcast: one row for each generation of its ways."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

PANEL = "My Account, API Key"
"""Where the vendor's panel shows the key."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What goes along with every request. *called*: what it is, for messages."""

    called: str
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Way:
    needs: tuple[str, ...]
    proof: Callable[..., Proof]


def _form(username: str, password: str) -> Proof:
    return Proof("user name and password", {"username": username, "password": password})


def _legacy(username: str, password: str) -> Proof:
    form = {"api_username": username, "api_password": password}
    return Proof("user name and password", form)


def _bearer(api_key: str) -> Proof:
    return Proof(
        f"API key; if it has expired, make a new one ({PANEL})",
        headers={"Authorization": f"Bearer {api_key}"},
        expires=expiry(api_key),
    )


# No HTTP Basic: the real one answers 401 to it everywhere (the vendor's n8n client).
WAYS: Mapping[str, Way] = {
    "form": Way(("username", "password"), _form),
    "form-legacy": Way(("username", "password"), _legacy),
    "bearer": Way(("api_key",), _bearer),
}
GIVEN = ("username", "password", "api_key")


def missing(auth: str, given: Mapping[str, object]) -> dict[str, list[str]]:
    """What this way lacks, and what it has no use for: by setting, with the way out."""
    needs = WAYS[auth].needs
    faults = {}
    for name in GIVEN:
        there = given.get(name) is not None
        if name in needs and not there:
            faults[name] = [f'auth = "{auth}" needs it']
        elif there and name not in needs:
            others = " or ".join(f'"{w}"' for w in WAYS if name in WAYS[w].needs)
            no_use = f'auth = "{auth}" has no use for it; leave it out'
            faults[name] = [f"{no_use}, or set auth = {others}"]
    return faults


def expiry(key: str) -> datetime | None:
    """Until when a key is good, where it says so: the vendor's are JWTs (720 days)."""
    try:
        claims = json.loads(_decoded(key.split(".")[1]))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (
        IndexError, KeyError, TypeError, ValueError, OverflowError, OSError,
        RecursionError, binascii.Error,
    ):  # fmt: skip
        return None  # a key of another make: nothing is known of its end


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
