"""A shop of ours: what is paid there is told from within, and by nobody at the door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bridge.platforms import base
from bridge.platforms.base import Delivery, Forged


class Platform(base.Platform):
    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        if settings:
            raise ValueError(
                f'source "{name}": a shop has no {next(iter(settings))}; it has the'
                " tables brand and shop"
            )
        self.name = name
        self.ring = lambda _at, _doubted: ()

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Delivery:
        raise Forged(self.proves(headers, body, at))

    def proves(self, _: Mapping[str, str], __: bytes, ___: datetime) -> str:
        raise Forged("nobody tells a shop of ours anything from outside")
