"""A program's key: `Authorization: Bearer swk_…`."""

from __future__ import annotations

from datetime import datetime, timedelta
from hmac import compare_digest

from flask import Request

from bridge.access import tokens
from bridge.parts import Parts
from bridge.store import api_keys
from bridge.store.api_keys import ApiKey

SEEN = timedelta(minutes=10)
"""Its last use is noted no more often."""


def key_of(parts: Parts, request: Request, at: datetime) -> ApiKey | None:
    """None, where it is none of ours, or holds no longer."""
    kind, _, written = request.headers.get("Authorization", "").partition(" ")
    token = tokens.read(written.strip()) if kind.lower() == "bearer" else None
    if token is None:
        return None
    with parts.database.read() as tx:
        found = api_keys.found(tx, token.id)
    if found is None or not compare_digest(found.hash, token.hash):
        return None
    return found if found.holds(at) else None


def is_worth_noting(key: ApiKey, at: datetime) -> bool:
    return key.used_at is None or key.used_at + SEEN < at
