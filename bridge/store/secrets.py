"""Secrets of sources that were made here, beside those of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.store.tables import source_secret
from provisioning.core.rotation import Rotation


@dataclass(frozen=True, slots=True)
class Kept:
    id: str
    source: str
    no: int
    sealed: bytes | None = field(repr=False)
    """Nothing, once it opens nothing."""

    replaces: frozenset[str]
    overlap_until: datetime
    made_by: str
    made_at: datetime
    because: str

    @property
    def about(self) -> str:
        """What it is sealed for."""
        return about(self.id)

    @property
    def rotation(self) -> Rotation:
        return Rotation(self.id, self.replaces, self.overlap_until)


ABOUT = "source secret {id}"


def about(id_: str) -> str:
    return ABOUT.format(id=id_)


def made(tx: sa.Connection, source: str) -> list[Kept]:
    """The oldest first."""
    query = sa.select(source_secret).where(source_secret.c.source == source)
    return [_kept(row) for row in tx.execute(query.order_by(source_secret.c.no))]


def add(tx: sa.Connection, new: Kept) -> None:
    """IntegrityError, where another was as quick."""
    values = {name: getattr(new, name) for name in Kept.__slots__}
    tx.execute(
        sa.insert(source_secret).values(values | {"replaces": sorted(new.replaces)})
    )


def end_overlap(tx: sa.Connection, source: str, at: datetime) -> int:
    """Those before the newest open nothing any more. How many overlaps that ended."""
    return tx.execute(
        sa.update(source_secret)
        .where(source_secret.c.source == source, source_secret.c.overlap_until > at)
        .values(overlap_until=at)
    ).rowcount


def forget(tx: sa.Connection, ids: Sequence[str]) -> None:
    """What they were is needed no more; that they replaced others still is."""
    tx.execute(
        sa.update(source_secret).where(source_secret.c.id.in_(ids)).values(sealed=None)
    )


def _kept(row: Any) -> Kept:
    told = dict(row._mapping)  # noqa: SLF001 - its public name for that
    return Kept(**told | {"replaces": frozenset(row.replaces)})
