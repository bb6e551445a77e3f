"""The tables of sums and coupons that are due, and of where each sum went."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables.meta import metadata, where
from bridge.store.types import Amount, Id, Moment, Words

# Conditions of partial indexes. A query that wants one says the very same words: with
# bound values neither database could tell, and would read the whole table.
FREE = "kind = 'free'"
UNSETTLED = "state <> 'settled'"

# A sum somebody has coming: the key of its effect makes it one of a kind.
claim = sa.Table(
    "claim",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount", Amount, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("booked_at", Moment, nullable=False),
    sa.Column("offset", Amount),
)
REST = claim.c.amount - sa.func.coalesce(claim.c.offset, 0)
"""What of a sum is still to come: the rest was settled against another."""

sa.Index("ix_claim_open", claim.c.owner, claim.c.booked_at, **where(UNSETTLED))
sa.Index("ix_claim_free", claim.c.owner, **where(FREE))
sa.Index("ix_claim_event", claim.c.event)


# Double entry by construction: each row moves one amount from one book to another.
# Append-only: the triggers of the migration refuse any UPDATE and DELETE.
ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("no", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("from_book", sa.Text, nullable=False),
    sa.Column("to_book", sa.Text, nullable=False),
    sa.Column("amount", Amount, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.CheckConstraint("amount > 0", name="amount_is_positive"),
    sa.CheckConstraint("from_book <> to_book", name="books_differ"),
    sa.UniqueConstraint("owner", "no"),
    sa.UniqueConstraint("key", "from_book", "to_book", "owner"),
)

_MOVED = ("at", "from_book", "to_book", "currency", "amount")
sa.Index("ix_ledger_moved", *(ledger.c[name] for name in _MOVED))


# A coupon somebody has, or had: what became of it says which of both.
coupon = sa.Table(
    "coupon",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("owner", sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("given_at", Moment, nullable=False),
    sa.Column("given_by", sa.Text, nullable=False),
    sa.Column("because", Words, nullable=False),
    sa.Column("line", sa.Text),
    sa.Column("price", sa.Text),
    sa.Column("fate", sa.JSON(none_as_null=True)),
)
sa.Index("ix_coupon_line", coupon.c.line, **where("line IS NOT NULL"))
