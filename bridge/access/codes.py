"""The second factor: codes from a phone (RFC 6238), and what helps without it."""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp
import segno

from bridge.keys import LETTERS, hashed

PERIOD = 30
"""Seconds a code is shown."""

DRIFT = 1
"""Codes before and after that are taken, too: clocks differ."""

RECOVERY = 10
ISSUER = "Switchhook"


def new_secret() -> str:
    return pyotp.random_base32()


def step_of(secret: str, code: str, at: datetime, after: int) -> int | None:
    """The step a code is of; None, where it is of none, or of one that was used.

    *after*: the last that was taken. A code seen over a shoulder is of no more use.
    """
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // PERIOD
    digits = "".join(code.split())
    steps = range(max(now - DRIFT, after + 1), now + DRIFT + 1)
    fits = [s for s in steps if pyotp.utils.strings_equal(totp.at(s * PERIOD), digits)]
    return fits[0] if fits else None


def picture(secret: str, name: str, issuer: str = ISSUER) -> str:
    """What the phone's camera reads, as SVG; drawn here, no other host sees it."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
    return segno.make(uri, error="m").svg_inline(
        scale=5, border=3, dark="#000", light="#fff", svgclass=None, lineclass=None
    )


def recovery_codes() -> list[str]:
    """Ten that are taken once each, 50 bits: shown once, kept as hashes."""
    return ["-".join(_letters(5) for _ in range(2)) for _ in range(RECOVERY)]


def recovery_hash(code: str) -> str:
    """However it is typed."""
    return hashed("".join(c for c in code.lower() if c in LETTERS))


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))
