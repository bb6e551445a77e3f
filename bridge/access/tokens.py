"""Keys of programs, as they are written: `swk_<id>_<secret>`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bridge.keys import hashed, random_name, random_token

WRITTEN = re.compile(r"swk_([a-hjkmnp-z2-9]{8})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Token:
    id: str
    hash: str
    text: str = field(repr=False)


def new() -> Token:
    """256 bits; its text is shown once, and kept nowhere."""
    id_, secret = random_name(8), random_token()
    return Token(id_, hashed(secret), f"swk_{id_}_{secret}")


def read(text: str) -> Token | None:
    """None, where it is none of ours."""
    found = WRITTEN.fullmatch(text)
    return Token(found[1], hashed(found[2]), text) if found else None
