"""The tables of the terms by which things are sold."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables.meta import metadata
from bridge.store.types import Moment, Words

# What is sold and by which terms, each time it became current; the last one is. By its
# hash, a service knows by which it was sold.
catalog = sa.Table(
    "catalog",
    metadata,
    sa.Column("no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Text, nullable=False, index=True),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("applied_at", Moment, nullable=False),
    sa.Column("applied_by", sa.Text, nullable=False),
    sa.Column("because", sa.Text),
)


# Services that were moved to newer terms, by whom and why.
movement = sa.Table(
    "movement",
    metadata,
    sa.Column("no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("package", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("now", sa.Boolean, nullable=False),
    sa.Column("moved", sa.Integer, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Words),
    sa.Column("because", Words),
)
