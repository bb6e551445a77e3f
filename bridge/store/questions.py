"""A question built once; its answer may be on its way while others are asked.

Within `ready.together` many go out in one piece: ask all first, then read the answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from bridge.store.ready import OF_THE_ROW, Known, Ready, ready

T = TypeVar("T")


class Many(sa.TypeDecorator[Collection[str]]):
    """Texts as one value: an array, and on SQLite the JSON of one."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        embedded = dialect.name == "sqlite"
        return sa.Text() if embedded else postgresql.ARRAY(sa.Text)

    def process_bind_param(self, value: Collection[str] | None, dialect: Any) -> Any:
        told = sorted(value or ())
        return json.dumps(told) if dialect.name == "sqlite" else told


class among(FunctionElement[bool]):  # noqa: N801 - it reads as a function
    """Whether a column's text is one of many that are given as one value.

    SQLAlchemy's IN is another statement for each number of values: built again each
    time, and known to no database that prepares what it has seen before.
    """

    type = sa.Boolean()
    inherit_cache = True
    # Else SQLAlchemy says `= 1` behind it on SQLite, which then reads whole tables.
    _is_implicitly_boolean = True

    def __init__(self, column: sa.ColumnElement[Any], name: str) -> None:
        super().__init__(column, sa.bindparam(OF_THE_ROW + name, type_=Many))


@compiles(among)
def _(element: Any, compiler: Any, **more: Any) -> str:
    column, values = (compiler.process(each, **more) for each in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(among, "sqlite")
def _(element: Any, compiler: Any, **more: Any) -> str:
    column, values = (compiler.process(each, **more) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are compiled


@dataclass(slots=True)
class Answer(Generic[T]):
    """What was asked for; *read* waits for it where it is still on its way."""

    read: Callable[[], T]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One SELECT."""

    sql: sa.Executable
    _known: Known = field(default_factory=dict)

    def ready(self, dialect: sa.engine.Dialect) -> Ready:
        return ready(self._known, self.sql, dialect)

    def ask(
        self, tx: sa.Connection, read: Callable[[list[Any]], T], **values: Any
    ) -> Answer[T]:
        """What *read* makes of its rows, which are named and typed as SQLAlchemy's."""
        mine = self.ready(tx.dialect)
        sent = mine.send(tx, [values], returns=True)
        return Answer(lambda: read(mine.rows(sent)))
