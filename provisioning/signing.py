"""Standard Webhooks, the sender: whoever holds the secret signs id, time and bytes."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from datetime import datetime

PREFIX = "whsec_"
SHORTEST = 24
"""Bytes of a secret, as the standard asks."""

NEW = "`switchhook init` writes one, or: openssl rand -base64 32"


def key(which: str, secret: object) -> bytes:
    """The secret, decoded. ValueError says that *which* will not do, and why."""
    if not isinstance(secret, str):
        raise ValueError(f"{which} is not text; {NEW}")  # noqa: TRY004 - a setting
    text = secret.removeprefix(PREFIX)
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise ValueError(f"{which} is not base64; {NEW}") from None
    if len(key) < SHORTEST:
        raise ValueError(
            f"{which} has {len(key)} bytes, fewer than the {SHORTEST} needed; {NEW}"
        )
    return key


def signed(key: bytes, delivery: str, content: bytes, at: datetime) -> dict[str, str]:
    """The three headers to add."""
    seconds = str(int(at.timestamp()))
    signature = b64encode(digest(key, delivery, seconds, content)).decode()
    return {
        "webhook-id": delivery,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{signature}",
    }


def digest(key: bytes, delivery: str, seconds: str, content: bytes) -> bytes:
    return hmac.digest(key, f"{delivery}.{seconds}.".encode() + content, "sha256")
