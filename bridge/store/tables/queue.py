"""The tables of what is due: lanes, wake-ups, ticks; and of the database itself."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables.meta import metadata, where
from bridge.store.types import Moment, Words

# One account's (or intake's) place in the queue. A lease that ran out is due by itself.
# Without a backend it is intake, or was woken by a version that knew none. `stopped` is
# since when the guard keeps its account from being switched off; `confirmed` a plan a
# person wants applied, and `alone` whether nothing else woke the lane.
lane = sa.Table(
    "lane",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("backend", sa.Text),
    sa.Column("due", Moment),
    sa.Column("lease_until", Moment),
    sa.Column("token", sa.BigInteger, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("failing_since", Moment),
    sa.Column("stopped", Moment),
    sa.Column("confirmed", sa.BigInteger),
    sa.Column("alone", sa.Boolean),
)
sa.Index("ix_lane_due", lane.c.due, **where("due IS NOT NULL"))
sa.Index("ix_lane_of_backend", lane.c.backend, lane.c.due, **where("due IS NOT NULL"))
sa.Index("ix_lane_leased", lane.c.lease_until, **where("lease_until IS NOT NULL"))
sa.Index("ix_lane_stopped", lane.c.backend, **where("stopped IS NOT NULL"))


# A due date: made with what made it necessary, and cancelled the same way.
wakeup = sa.Table(
    "wakeup",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("due", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
sa.Index("ix_wakeup_due", wakeup.c.due, **where("state = 'waiting'"))


# What is done again and again, by one process at a time; when it last was.
tick = sa.Table(
    "tick",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("due", Moment, nullable=False),
    sa.Column("lease_until", Moment),
    sa.Column("token", sa.BigInteger, nullable=False),
    sa.Column("ran_at", Moment),
    sa.Column("failed_at", Moment),
    sa.Column("said", Words),
)


# What is true of this database as a whole: that it was restored, and from when.
fact = sa.Table(
    "fact",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("at", Moment, nullable=False),
)
