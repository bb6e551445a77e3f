"""Which services are renewed by themselves: what was said last of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.tables import renewal


@dataclass(frozen=True, slots=True)
class Chosen:
    service: str
    source: str
    automatic: bool
    chosen_at: datetime
    chosen_by: str


def of(tx: sa.Connection, services: Collection[str]) -> dict[str, Chosen]:
    """By service; one of which nothing was ever said is renewed by hand."""
    rows = tx.execute(sa.select(renewal).where(renewal.c.service.in_(services)))
    return {row.service: Chosen(**row._mapping) for row in rows}  # noqa: SLF001 - its public name


def choose(
    tx: sa.Connection, service: str, source: str, automatic: bool, by: str, at: datetime
) -> None:
    """An older word never overrides a newer one: an order may be paid long after it
    was said."""
    new = insert(tx, renewal).values(
        service=service, source=source, automatic=automatic, chosen_at=at, chosen_by=by
    )
    said = {
        name: new.excluded[name] for name in ("automatic", "chosen_at", "chosen_by")
    }
    older = renewal.c.chosen_at <= new.excluded.chosen_at
    tx.execute(
        new.on_conflict_do_update(index_elements=["service"], set_=said, where=older)
    )


def automatic(
    tx: sa.Connection, sources: Collection[str], after: str, most: int
) -> list[str]:
    """The services of those sources that are renewed by themselves, behind that one."""
    c = renewal.c
    query = sa.select(c.service).where(
        sa.text("automatic"), c.source.in_(sources), c.service > after
    )
    return list(tx.execute(query.order_by(c.service).limit(most)).scalars())
