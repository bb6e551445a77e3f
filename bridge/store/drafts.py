"""What one commit will write, row by row, so that many drafts become one commit.

Rows of one statement, whosever they are, go to the database in one piece. What a race
would break shows in the number of rows that found their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bridge.store.questions import Answer
from bridge.store.ready import OF_THE_ROW, Known, Ready, Row, Sent, ready, together

if TYPE_CHECKING:
    from bridge.store.switchoffs import Off


class Rank(IntEnum):
    """In which order the statements of a commit run: causes before what names them."""

    LANE = 0
    ACCOUNT = 1
    SERVICE = 2
    PERIOD = 3
    OPERATION = 4
    TURN = 5
    CLAIM = 6
    LEDGER = 7
    END = 8
    BEGIN = 9
    MARK = 10
    OUT = 11
    FREE = 12
    COUPON = 13


@dataclass(frozen=True, slots=True)
class Missing:
    """What it means that there was nothing to change, in words about the row."""

    kind: type[Exception]
    words: str

    def of(self, rows: Sequence[Row]) -> Exception:
        return self.kind("; ".join(self.words.format(**row) for row in rows))


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement, built once; *missing* is raised where a row finds no place."""

    rank: Rank
    sql: Mapping[str, sa.Executable]
    missing: Missing | None = None
    returns: bool = False
    """Whether each row gives back its new id."""

    _known: Known = field(default_factory=dict)

    def ready(self, dialect: sa.engine.Dialect) -> Ready:
        return ready(self._known, self.sql[dialect.name], dialect)


def the(name: str, type_: Any = None) -> sa.BindParameter[Any]:
    """A value of the row. Never called as a column is: SQLAlchemy keeps those names."""
    return sa.bindparam(OF_THE_ROW + name, type_=type_)


def statement(rank: Rank, sql: sa.Executable, **more: Any) -> Statement:
    """One that both databases write alike."""
    return Statement(rank, {"sqlite": sql, "postgresql": sql}, **more)


def inserting(
    rank: Rank, table: sa.Table, made: Callable[[Any], sa.Executable], **more: Any
) -> Statement:
    """An INSERT that knows ON CONFLICT: each database has its own class for it."""
    kinds = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    return Statement(rank, {n: made(new(table)) for n, new in kinds.items()}, **more)


@dataclass(slots=True, eq=False)
class Draft:
    """Rows noted for a commit. Nothing is read here, nothing is written yet."""

    lane: str | None = None
    token: int = 0
    """The commit keeps this draft only while the lane has this token."""

    rows: list[tuple[Statement, Row]] = field(default_factory=list)
    off: Off | None = None
    """The account it will switch off: the commit may be refused for that."""

    made: list[int] = field(default_factory=list)
    """After the commit: the new ids, in the order their rows were noted."""

    @property
    def empty(self) -> bool:
        return not self.rows


Writes = Draft | sa.Connection
"""Where a row goes: noted for a commit to come, or written at once."""


def put(tx: Writes, what: Statement, **row: Any) -> int | None:
    """Note or write one row; its new id, where it was written and has one."""
    if isinstance(tx, Draft):
        tx.rows.append((what, row))
        return None
    done = what.ready(tx.dialect).send(tx, [row], returns=what.returns)
    made = _concluded(what, [row], done)
    return made[0] if made else None


def write(tx: sa.Connection, drafts: Iterable[Draft]) -> None:
    """All rows of all drafts, statement by statement."""
    send(tx, drafts).read()


def send(tx: sa.Connection, drafts: Iterable[Draft]) -> Answer[None]:
    """The same; whether each row found its place is known only when it is read."""
    rows: dict[Statement, list[Row]] = {}
    owners: dict[Statement, list[Draft]] = {}
    for draft in drafts:
        draft.made = []
        for what, row in draft.rows:
            rows.setdefault(what, []).append(row)
            owners.setdefault(what, []).append(draft)
    order = sorted(rows, key=lambda known: known.rank)
    with together(tx):
        sent = [
            what.ready(tx.dialect).send(tx, rows[what], returns=what.returns)
            for what in order
        ]

    def conclude() -> None:
        for what, done in zip(order, sent, strict=True):
            made = _concluded(what, rows[what], done)
            for draft, id_ in zip(owners[what], made, strict=False):
                draft.made.append(id_)

    return Answer(conclude)


def _concluded(what: Statement, rows: list[Row], done: Sent) -> list[int]:
    if what.returns:
        return [made for (made,) in done.returned()]
    if what.missing and done.changed() != len(rows):
        raise what.missing.of(rows)
    return []
