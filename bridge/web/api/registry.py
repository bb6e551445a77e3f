"""What a program may ask and have done."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.web.registry import Endpoint, Registry

PREFIX = "/api"

about = Registry(PREFIX)
"""What tells of every version."""

api = Registry(f"{PREFIX}/v1")


def every() -> Iterator[Endpoint]:
    """Of what is declared by now; `declared` declares it all."""
    yield from about
    yield from api
