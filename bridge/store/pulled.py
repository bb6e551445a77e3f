"""What of a platform is known here: its paid lines, its events, invoices opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from bridge.store import books, coupons, tables
from bridge.store.database import insert
from bridge.store.tables import glimpse, opened_invoice, operation, period
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


def opened(tx: sa.Connection, source: str, ids: Collection[int]) -> set[int]:
    """Those of these invoices that need not be opened again."""
    query = sa.select(opened_invoice.c.id).where(
        opened_invoice.c.source == source, opened_invoice.c.id.in_(ids)
    )
    return set(tx.execute(query).scalars())


def note(tx: sa.Connection, source: str, made: Mapping[int, datetime]) -> None:
    """They were opened, or need not be."""
    rows = [{"source": source, "id": id_, "made": at} for id_, at in made.items()]
    if rows:
        tx.execute(insert(tx, opened_invoice).on_conflict_do_nothing(), rows)


def glimpsed(
    tx: sa.Connection, source: str, what: str, ids: Collection[int], at: datetime
) -> None:
    """Seen there then, if not before."""
    rows = [{"source": source, "what": what, "id": id_, "at": at} for id_ in ids]
    if rows:
        tx.execute(insert(tx, glimpse).on_conflict_do_nothing(), rows)


def seen_since(
    tx: sa.Connection, source: str, what: str, ids: Collection[int], at: datetime
) -> set[int]:
    """Those of these that were there by then."""
    mine = glimpse.c.source == source, glimpse.c.what == what
    query = sa.select(glimpse.c.id).where(
        *mine, glimpse.c.id.in_(ids), glimpse.c.at <= at
    )
    return set(tx.execute(query).scalars())


def open_again(tx: sa.Connection, source: str, ids: Collection[int]) -> int:
    """These are opened by the next look that meets them. How many had been."""
    mine = opened_invoice.c.source == source
    gone = tx.execute(
        sa.delete(opened_invoice).where(mine, opened_invoice.c.id.in_(list(ids)))
    )
    return gone.rowcount


def forget(tx: sa.Connection, source: str, before: datetime) -> None:
    """So old that they are not looked at any more."""
    mine, made = opened_invoice.c.source == source, opened_invoice.c.made
    tx.execute(sa.delete(opened_invoice).where(mine, made < before))
    mine, seen = glimpse.c.source == source, glimpse.c.at
    tx.execute(sa.delete(glimpse).where(mine, seen < before))
