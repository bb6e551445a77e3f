"""What is known of a platform's invoices: what their lines paid for; who was opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from bridge.store import books, coupons
from bridge.store.database import insert
from bridge.store.tables import opened_invoice, period


def known_lines(tx: sa.Connection, lines: Collection[str]) -> set[str]:
    """A period's, a sum's, a coupon's."""
    if not lines:
        return set()
    paid = tx.execute(sa.select(period.c.line).where(period.c.line.in_(lines)))
    known = {str(line) for line in paid.scalars()}
    known |= set(books.holders(tx, lines).read())
    return known | set(coupons.buyers(tx, lines).read())


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


def forget(tx: sa.Connection, source: str, before: datetime) -> None:
    """So old that they are not looked at any more."""
    mine, made = opened_invoice.c.source == source, opened_invoice.c.made
    tx.execute(sa.delete(opened_invoice).where(mine, made < before))
