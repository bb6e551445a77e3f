"""All that is sealed is sealed anew with the newest key: some at a time, at any time.

There is nothing to remember on the way: a value says itself which key sealed it. Broken
off anywhere, it goes on where it is said again.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bridge.keys import Keys, Unreadable
from bridge.store import sealed
from bridge.store.database import Database
from bridge.store.sealed import PLACES, Sealed

AT_ONCE = 200
"""In one commit."""

Swap = tuple[str, str, str]
"""Of which row, what was read there, and what is to take its place."""

Write = Callable[[str, list[Swap]], int]
"""Of a place; how many were written. The others are new by then, or taken up again."""

OTHER = "none"
"""Where a seal names no key, or none we have."""


@dataclass(slots=True)
class Done:
    anew: int = 0
    left: int = 0
    """By an old key after all: written meanwhile by a process that knows no other."""

    unreadable: list[str] = field(default_factory=list)
    """What opens with none of the keys, by what it was sealed about."""


def reseal(
    database: Database, keys: Keys, write: Write, at_once: int = AT_ONCE
) -> Done:
    done = Done()
    for place in PLACES:
        for some in _read(database, place, at_once):
            if swaps := _anew(keys, some, done):
                written = write(place, swaps)
                done.anew += written
    done.left = sum(
        not _is_new(keys, each)
        for place in PLACES
        for some in _read(database, place, at_once)
        for each in some
    ) - len(done.unreadable)
    return done


def counted(database: Database, keys: Keys) -> dict[str, dict[str, int]]:
    """How many values each key has sealed, by the places they are kept in."""
    names = {key.mark: key.name for key in keys.each}
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in (*names.values(), OTHER)
    }
    for place in PLACES:
        for some in _read(database, place, AT_ONCE):
            for each in some:
                counts[names.get(each.value[: len(keys.mark)], OTHER)][place] += 1
    return {name: dict(count) for name, count in counts.items()}


def _read(database: Database, place: str, at_once: int) -> Iterator[list[Sealed]]:
    last = sealed.START
    while True:
        with database.read() as tx:
            some = PLACES[place].after(tx, last, at_once)
        if not some:
            return
        yield some
        last = some[-1].key


def _anew(keys: Keys, some: list[Sealed], done: Done) -> list[Swap]:
    swaps = []
    for each in some:
        if _is_new(keys, each):
            continue
        try:
            now = keys.seal(keys.unseal(each.value, each.about), each.about)
        except Unreadable:
            done.unreadable.append(each.about)
            continue
        swaps.append((each.key, _text(each.value), _text(now)))
    return swaps


def _is_new(keys: Keys, each: Sealed) -> bool:
    return each.value.startswith(keys.mark)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
