"""Any system that signs: one event a request, in our own envelope (hooks/signed)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.platforms import base, envelope, signature, strict
from bridge.platforms.base import Delivery, Forged


class Platform(base.Platform):
    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.name = name
        self.own = signature.keys(name, settings.get("secrets", ()))
        self.ring = self._configured
        self._products = _products(name, settings.get("products", {}))

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Delivery:
        delivery = self.proves(headers, body, at)
        strict.declared(headers)
        told = strict.load(body)
        event = envelope.event(told, delivery, self.name, self._products)
        return Delivery(delivery, (event,), envelope.kept(told))

    def proves(self, headers: Mapping[str, str], body: bytes, at: datetime) -> str:
        try:
            return signature.proven(self.ring(at, False), headers, body, at)
        except Forged:
            # What it is signed with may have been made a moment ago, elsewhere.
            return signature.proven(self.ring(at, True), headers, body, at)

    def _configured(self, _at: datetime, _doubted: bool) -> Sequence[bytes]:
        return self.own


def _products(source: str, table: object) -> dict[str, str]:
    """Their reference to the name in our catalog, where the two differ."""
    if isinstance(table, Mapping) and all(
        isinstance(name, str) and name for pair in table.items() for name in pair
    ):
        return dict(table)
    raise ValueError(
        f'source "{source}": products says which of theirs is which of ours, as'
        ' products = { "12" = "gold" }'
    )
