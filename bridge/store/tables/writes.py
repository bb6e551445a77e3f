"""The tables of what is written to backends: attempts, plans, and what stops them."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables.meta import metadata, where
from bridge.store.types import Amount, Id, Moment, Words

# Conditions of partial indexes. A query that wants one says the very same words: with
# bound values neither database could tell, and would read the whole table.
LIVE = "state IN ('intent', 'unsure', 'person', 'overtaken')"

# One write to a backend: on record before it is sent, closed when its end is known.
attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("token", sa.BigInteger, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("claim", sa.ForeignKey("claim.key")),
    sa.Column("step", sa.JSON, nullable=False),
    sa.Column("amount", Amount),
    sa.Column("balance", Amount),
    sa.Column("channels", sa.BigInteger),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("send_before", Moment, nullable=False),
    sa.Column("settled_from", Moment, nullable=False),
    sa.Column("said", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("evidence", Words),
    sa.Column("after", Amount),
    sa.Column("ended_at", Moment),
)
sa.Index("ix_attempt_since", attempt.c.account, attempt.c.send_before)
sa.Index("ix_attempt_live", attempt.c.account, **where(LIVE))
sa.Index(
    "ix_attempt_proven", attempt.c.account, attempt.c.id,
    **where("after IS NOT NULL"),
)  # fmt: skip
sa.Index(
    "uq_attempt_in_flight",
    attempt.c.account,
    unique=True,
    **where("state IN ('intent', 'unsure')"),
)
sa.Index(
    "uq_attempt_with_a_person",
    attempt.c.account,
    unique=True,
    **where("state = 'person'"),
)


# What all machines must know of a backend: whether it is paused, and its next call.
backend = sa.Table(
    "backend",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("paused_until", Moment),
    sa.Column("paused_because", Words),
    sa.Column("by_hand", sa.Boolean, nullable=False),
    sa.Column("next_call", Moment),
)


# Which accounts were switched off, and when; on again or not.
switch_off = sa.Table(
    "switch_off",
    metadata,
    sa.Column("account", sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("backend", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("back_at", Moment),
)
sa.Index("ix_switch_off_since", switch_off.c.backend, switch_off.c.at)


# One row a backend: whoever counts its switch-offs locks it. `extra` may go off beyond.
switch_off_guard = sa.Table(
    "switch_off_guard",
    metadata,
    sa.Column("backend", sa.Text, primary_key=True),
    sa.Column("turns", sa.BigInteger, nullable=False),
    sa.Column("extra", sa.Integer, nullable=False),
    sa.Column("extra_until", Moment),
    sa.Column("extra_because", Words),
)


# An account that is off at its backend and whose campaigns ran when it was last looked.
dialling = sa.Table(
    "dialling",
    metadata,
    sa.Column("account", sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("since", Moment, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("campaigns", sa.Text, nullable=False),
    sa.Column("said", Words),
)


# A plan somebody saw and wants applied: these steps, at this revision, and no others.
# `operation` is the change he agrees to by it, where one waited for that.
confirmation = sa.Table(
    "confirmation",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("catalog", sa.Text, nullable=False),
    sa.Column("steps", sa.JSON, nullable=False),
    sa.Column("because", Words, nullable=False),
    sa.Column("by", Words),
    sa.Column("operation", sa.ForeignKey("operation.id")),
    sa.Column("batch", sa.Text),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("why", sa.JSON(none_as_null=True)),
    sa.Column("ended_at", Moment),
)
sa.Index(
    "uq_confirmation_open", confirmation.c.account, unique=True,
    **where("state = 'open'"),
)  # fmt: skip
sa.Index("ix_confirmation_batch", confirmation.c.batch, **where("batch IS NOT NULL"))
