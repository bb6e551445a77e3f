"""A set of whole numbers in little room: a hundred thousand take some kilobytes."""

from __future__ import annotations

from dataclasses import dataclass, field

BITS = 8192
"""Of one piece; numbers far apart are in pieces of their own."""


@dataclass(slots=True)
class Ids:
    _pieces: dict[int, bytearray] = field(default_factory=dict)

    def add(self, number: int) -> None:
        piece, bit = divmod(number, BITS)
        bits = self._pieces.setdefault(piece, bytearray(BITS // 8))
        bits[bit // 8] |= 1 << bit % 8

    def __contains__(self, number: int) -> bool:
        piece, bit = divmod(number, BITS)
        bits = self._pieces.get(piece)
        return bits is not None and bool(bits[bit // 8] >> bit % 8 & 1)
