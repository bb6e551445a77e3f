"""Which paid lines are known here already, whatever they paid for."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from bridge.store import books, coupons
from bridge.store.tables import period


def known_lines(tx: sa.Connection, lines: Collection[str]) -> set[str]:
    """A period's, a sum's, a coupon's."""
    if not lines:
        return set()
    paid = tx.execute(sa.select(period.c.line).where(period.c.line.in_(lines)))
    known = {str(line) for line in paid.scalars()}
    known |= set(books.holders(tx, lines).read())
    return known | set(coupons.buyers(tx, lines).read())
