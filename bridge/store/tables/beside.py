"""The tables of what is done to many at once, and of secrets that were rotated here."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables.meta import metadata
from bridge.store.types import Id, Moment, Words

# Something wanted for many accounts: looked at first, then done. `cursor` is how far
# the look is, `looked` how many that are; `file` a list that somebody uploaded.
batch = sa.Table(
    "batch",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("which", sa.JSON, nullable=False),
    sa.Column("file", Words),
    sa.Column("made_by", Words, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("cursor", sa.Text, nullable=False),
    sa.Column("looked", sa.BigInteger, nullable=False),
    sa.Column("total", sa.BigInteger),
    sa.Column("because", Words),
    sa.Column("confirmed_by", Words),
    sa.Column("confirmed_at", Moment),
    sa.Column("stopped_at", Moment),
    sa.Column("said", Words),
)

# One of them that is not as it should be: what would be done, and what became of it.
# `sort` is what changes, in few words; `content` all that is needed to do it.
batch_line = sa.Table(
    "batch_line",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("batch", sa.ForeignKey("batch.name"), nullable=False),
    sa.Column("about", Words, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("sort", Words),
    sa.Column("hash", sa.Text),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("said", Words),
)
sa.Index("ix_batch_line_of", batch_line.c.batch, batch_line.c.state, batch_line.c.id)

# A secret of a source that was made here, sealed for this row. The one before it holds
# until `overlap_until`; `replaces` are marks of those the configuration had then.
source_secret = sa.Table(
    "source_secret",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("no", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("replaces", sa.JSON, nullable=False),
    sa.Column("overlap_until", Moment, nullable=False),
    sa.Column("made_by", Words, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("because", Words, nullable=False),
    sa.UniqueConstraint("source", "no"),
)
