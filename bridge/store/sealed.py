"""Where sealed values are kept, and how one takes another's place.

Whoever keeps sealed values writes down here where: what is not here is left behind when
the install key is rotated.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from bridge.store import secrets
from bridge.store.tables import account, customer, operation, source_secret, user
from provisioning.core.events import Type

START = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed value, and what it was sealed about. *key* is its row's, as text."""

    key: str
    about: str
    value: bytes


class Place(Protocol):
    def after(self, tx: sa.Connection, last: str, most: int) -> list[Sealed]:
        """Behind the row *last*, in order."""
        ...

    def swap(self, tx: sa.Connection, key: str, was: bytes, now: bytes) -> bool:
        """False: it is another by now, which whoever wrote it has sealed."""
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column of sealed bytes; *about* says what of a row they were sealed for."""

    table: sa.Table
    column: str
    id: str = "id"
    about: str = "{id}"

    def after(self, tx: sa.Connection, last: str, most: int) -> list[Sealed]:
        id_, value = self.table.c[self.id], self.table.c[self.column]
        query = sa.select(id_, value).where(value.is_not(None)).order_by(id_)
        if last != START:
            query = query.where(id_ > id_.type.python_type(last))
        return [
            Sealed(str(row[0]), self.about.format(id=row[0]), row[1])
            for row in tx.execute(query.limit(most))
        ]

    def swap(self, tx: sa.Connection, key: str, was: bytes, now: bytes) -> bool:
        id_, value = self.table.c[self.id], self.table.c[self.column]
        this = sa.and_(id_ == id_.type.python_type(key), value == was)
        changed = sa.update(self.table).where(this).values({self.column: now})
        return tx.execute(changed).rowcount == 1


@dataclass(frozen=True, slots=True)
class Told:
    """Of events that told a password: sealed until it is their account's, and after."""

    def after(self, tx: sa.Connection, last: str, most: int) -> list[Sealed]:
        query = (
            sa.select(operation.c.id, operation.c.payload)
            .where(
                operation.c.type == Type.CREDENTIALS.value,
                operation.c.id > int(last or 0),
                operation.c.payload["secret"].as_string().is_not(None),
            )
            .order_by(operation.c.id)
            .limit(most)
        )
        return [
            Sealed(str(id_), f"{told['source']}/{told['id']}", _bytes(told["secret"]))
            for id_, told in tx.execute(query)
        ]

    def swap(self, tx: sa.Connection, key: str, was: bytes, now: bytes) -> bool:
        this = operation.c.id == int(key)
        told = tx.execute(sa.select(operation.c.payload).where(this)).scalar_one()
        if told.get("secret") != _text(was):
            return False
        anew = {**told, "secret": _text(now)}
        tx.execute(sa.update(operation).where(this).values(payload=anew))
        return True


PLACES: Mapping[str, Place] = {
    "passwords": Column(account, "secret"),
    "events": Told(),
    "second factors": Column(user, "totp", id="name", about="totp of {id}"),
    "customers' second factors": Column(customer, "totp", about="totp of {id}"),
    "sources' secrets": Column(source_secret, "sealed", about=secrets.ABOUT),
}


def each(
    tx: sa.Connection, place: Place, most: int, last: str = START
) -> Iterator[list[Sealed]]:
    """All of a place, some at a time."""
    while some := place.after(tx, last, most):
        yield some
        last = some[-1].key


def swap(tx: sa.Connection, place: str, swaps: Iterable[tuple[str, str, str]]) -> int:
    """How many took the place of what was there. LookupError: no such place."""
    there = PLACES.get(place)
    if there is None:
        raise LookupError(f"this version keeps nothing sealed as {place}")
    return sum(there.swap(tx, key, _bytes(was), _bytes(now)) for key, was, now in swaps)


def _bytes(text: Any) -> bytes:
    return base64.b64decode(str(text))


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
