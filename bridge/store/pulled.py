"""Which paid lines, and which events, are known here already."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from bridge.store import books, coupons, tables
from bridge.store.tables import operation, period
from provisioning.core.events import Event


def known_lines(tx: sa.Connection, lines: Collection[str]) -> set[str]:
    """A period's, a sum's, a coupon's."""
    if not lines:
        return set()
    paid = tx.execute(sa.select(period.c.line).where(period.c.line.in_(lines)))
    known = {str(line) for line in paid.scalars()}
    known |= set(books.holders(tx, lines).read())
    return known | set(coupons.buyers(tx, lines).read())


def told(tx: sa.Connection, source: str, events: Collection[Event]) -> set[str]:
    """Which of these came in before: under their own id, or by another road with the
    same line, and waiting still."""
    if not events:
        return set()
    ids = [event.id for event in events]
    mine = sa.select(operation.c.event).where(
        operation.c.source == source, operation.c.event.in_(ids)
    )
    known = set(tx.execute(mine).scalars())
    lines = {event.line: event.id for event in events if event.line}
    line = operation.c.payload["line"].as_string()
    for waiting in (tables.ACCEPTED, tables.UNFINISHED):
        by_line = sa.select(line).where(
            sa.text(waiting), operation.c.source == source, line.in_(list(lines))
        )
        known |= {lines[found] for found in tx.execute(by_line).scalars()}
    return known
