"""The tables of who may see and do what, and of who did."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables.meta import metadata, where
from bridge.store.types import Id, Moment, Words

# Somebody who may log in. `sources` are those whose customers he may see; none is all.
# `invited` is the hash of the link by which he chooses password and second factor.
user = sa.Table(
    "user",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("sources", sa.JSON(none_as_null=True)),
    sa.Column("password", sa.Text),
    sa.Column("totp", sa.LargeBinary),
    sa.Column("step", sa.BigInteger, nullable=False),
    sa.Column("recovery", sa.JSON, nullable=False),
    sa.Column("invited", sa.Text, unique=True),
    sa.Column("invited_until", Moment),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
)

# Somebody who is logged in. The cookie is nowhere: this is its hash.
session = sa.Table(
    "session",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("user", sa.ForeignKey("user.name"), nullable=False, index=True),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("proved_at", Moment, nullable=False),
    sa.Column("until", Moment, nullable=False),
    sa.Column("address", Words, nullable=False),
    sa.Column("agent", Words, nullable=False),
)

# A program that may ask and act by the API. The key is nowhere: this is its hash.
api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("label", Words, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("sources", sa.JSON(none_as_null=True)),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("until", Moment),
    sa.Column("used_at", Moment),
    sa.Column("ended_at", Moment),
)

# How far somebody is ahead of the pace he may go at: until then he has used up.
pace = sa.Table(
    "pace",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("used_until", Moment, nullable=False),
)
sa.Index("ix_pace_used_until", pace.c.used_until)

# What a person or a program had done, by whom, and what came of it. Append-only: the
# triggers of the migration refuse any UPDATE and DELETE. `once` is the asker's own key:
# who sends it again means the same.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("about", sa.Text),
    sa.Column("said", sa.JSON, nullable=False),
    sa.Column("told", sa.JSON, nullable=False),
    sa.Column("once", sa.Text),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
)
sa.Index("uq_audit_once", audit.c.who, audit.c.once, unique=True,
         **where("once IS NOT NULL"))  # fmt: skip
sa.Index("ix_audit_about", audit.c.about, audit.c.id, **where("about IS NOT NULL"))
sa.Index("ix_audit_who", audit.c.who, audit.c.id)
