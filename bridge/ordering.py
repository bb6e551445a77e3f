"""How something is had done: by us, or on SQLite by who has the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge import hatch, orders
from bridge.access.who import Who
from bridge.lock import Lock, Taken
from bridge.parts import Parts

Order = Callable[..., dict[str, Any]]
"""Called with the order's name and what it says. LookupError says why it cannot be."""


def order(parts: Parts, who: Who, name: str, /, **said: Any) -> dict[str, Any]:
    written = orders.as_said_by(who, said)
    database = parts.database
    if not database.embedded:
        return orders.carry_out(database, parts.clock, name, written)
    file = str(database.url.database)
    lock = Lock(file)
    try:
        lock.take(patience=0)
    except Taken:
        return hatch.ask(file, name, written)
    try:
        return orders.carry_out(database, parts.clock, name, written)
    finally:
        # Before the lock: who lives on may not hold open what the next one writes.
        database.let_go()
        lock.drop()
