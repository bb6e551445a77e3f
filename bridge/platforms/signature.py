"""Standard Webhooks: who holds the secret has signed exactly these bytes, just now."""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bridge.platforms.base import Forged, Stale, Unsigned, header
from provisioning.signing import NEW, PREFIX, digest, key, signed

__all__ = ["keys", "proven", "signed"]

SECRETS = 4
SIGNATURES = 16
WINDOW = 300
"""Seconds the sender's clock may be away from ours."""

ID = re.compile(r"[!-~]{1,128}")
SECONDS = re.compile(r"[1-9][0-9]{0,11}")
SIGNATURE = re.compile(r"v1,([A-Za-z0-9+/]{43}=)")

UNSIGNED = (
    "not signed as Standard Webhooks says; send webhook-id (1 to 128 printable ASCII"
    " characters), webhook-timestamp (whole seconds) and webhook-signature (v1,base64)"
)
STALE = (
    f"webhook-timestamp is more than {WINDOW} seconds from our clock; sign each attempt"
    " with the time it is sent, and let NTP set the clock"
)
WRONG = (
    "no signature fits; sign id.timestamp.body, the bytes exactly as sent, by"
    " HMAC-SHA256 with the base64-decoded secret of this source"
)


def keys(source: str, secrets: object) -> tuple[bytes, ...]:
    """The secrets of a source, decoded. ValueError says which will not do, and why."""
    if not isinstance(secrets, list | tuple) or not 1 <= len(secrets) <= SECRETS:
        raise ValueError(
            f'source "{source}" needs secrets = ["{PREFIX}…"], one of them, and up to'
            f" {SECRETS} while they change; {NEW}"
        )
    return tuple(
        key(f'source "{source}", secret {no} of {len(secrets)}', secret)
        for no, secret in enumerate(secrets, start=1)
    )


def proven(
    keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, at: datetime
) -> str:
    """The webhook-id. Forged unless one of the keys signed this, within the window."""
    delivery = header(headers, "webhook-id")
    seconds = header(headers, "webhook-timestamp")
    if not (ID.fullmatch(delivery) and SECONDS.fullmatch(seconds)):
        raise Unsigned(UNSIGNED)
    if abs(at.timestamp() - int(seconds)) > WINDOW:
        raise Stale(STALE)
    expected = [digest(key, delivery, seconds, body) for key in keys]
    given = tuple(_given(header(headers, "webhook-signature")))
    # A list, not a generator: every secret meets every signature, found or not.
    fits = [hmac.compare_digest(ours, one) for ours in expected for one in given]
    if not any(fits):
        raise Forged(WRONG)
    return delivery


def _given(signatures: str) -> Iterator[bytes]:
    """The v1 signatures as digests. Other versions and other shapes are passed over."""
    for one in signatures.split(" ", SIGNATURES)[:SIGNATURES]:
        if shaped := SIGNATURE.fullmatch(one):
            digest = b64decode(shaped[1])
            # Its last two bits are unused: only the one spelling with zeros counts.
            if b64encode(digest).decode() == shaped[1]:
                yield digest
