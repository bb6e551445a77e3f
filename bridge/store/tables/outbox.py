"""The tables of what is told to the outside, and to whoever looks after us."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables.meta import metadata, where
from bridge.store.types import Id, Moment, Words

# A message to the outside: once by its key, tried until it is taken. Until `settles_at`
# what was asked last, and never answered, may still be carried out.
delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due", Moment),
    sa.Column("lease_until", Moment),
    sa.Column("token", sa.BigInteger, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("failing_since", Moment),
    sa.Column("said", Words),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("settles_at", Moment),
)
sa.Index("ix_delivery_due", delivery.c.due, **where("due IS NOT NULL"))
sa.Index(
    "ix_delivery_failed",
    delivery.c.channel,
    **where("state IN ('refused', 'given up')"),
)


# Something a person should look at: one row for as long as it lasts.
alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("why", sa.JSON, nullable=False),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("told_at", Moment),
    sa.Column("ended_at", Moment),
)
sa.Index(
    "uq_alert_open", alert.c.topic, alert.c.about, unique=True,
    **where("ended_at IS NULL"),
)  # fmt: skip
