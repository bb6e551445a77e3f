"""The tables of what was compared: with backends, and with billing platforms."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables.meta import metadata
from bridge.store.types import Amount, Id, Moment, Words

# One look at all there is: platforms, accounts, backends. `unseen` is what could not be
# seen, and why; `whole` is one that was told to leave nothing out.
reconciliation = sa.Table(
    "reconciliation",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("backend", sa.Text),
    sa.Column("source", sa.Text),
    sa.Column("whole", sa.Boolean, nullable=False),
    sa.Column("applies", sa.Boolean, nullable=False),
    sa.Column("accounts", sa.Integer, nullable=False),
    sa.Column("unseen", sa.JSON(none_as_null=True)),
)


# What differed then, a line each; `since` is from the first look that saw it.
difference = sa.Table(
    "difference",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("run", sa.ForeignKey("reconciliation.id"), nullable=False),
    sa.Column("subject", Words, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("what", Words, nullable=False),
    sa.Column("backend", sa.Text),
    sa.Column("source", sa.Text),
    sa.Column("wants", Words, nullable=False),
    sa.Column("has", Words, nullable=False),
    sa.Column("repair", sa.Text, nullable=False),
    sa.Column("why", sa.JSON, nullable=False),
    sa.Column("in_flight", sa.Boolean, nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.UniqueConstraint("run", "subject", "kind", "what"),
)
sa.Index("ix_difference_subject", difference.c.subject, difference.c.run)


# The balance an account was first seen with, where no write of ours has proven one.
sighting = sa.Table(
    "sighting",
    metadata,
    sa.Column("account", sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("balance", Amount, nullable=False),
    sa.Column("at", Moment, nullable=False),
)


# Where all that was paid stood then, by who sent it.
reconciled = sa.Table(
    "reconciled",
    metadata,
    sa.Column("run", sa.ForeignKey("reconciliation.id"), primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    sa.Column("paid", Amount, nullable=False),
    sa.Column("applied", Amount, nullable=False),
    sa.Column("held", Amount, nullable=False),
    sa.Column("reversing", Amount, nullable=False),
    sa.Column("reversed", Amount, nullable=False),
)


# The paid invoices of a platform that need not be opened again.
opened_invoice = sa.Table(
    "opened_invoice",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("made", Moment, nullable=False),
)


# When what a platform has was first seen there, and nobody had told it: an invoice, a
# service.
glimpse = sa.Table(
    "glimpse",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
)
