"""The tables of accounts, what each is sold, and how it is used."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables.meta import begins, metadata, where
from bridge.store.types import Amount, Id, Moment, Words

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("client", sa.Text, index=True),
    sa.Column("email", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("language", sa.Text),
    sa.Column("backend", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("remote", sa.Text),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("money_stopped", Words),
    sa.Column("trusted_from", Moment),
    sa.Column("trusted_because", Words),
    sa.Column("restored_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("purge_waits", Words),
    sa.Column("written_off", Words),
    sa.Column("data_waits", Words),
    sa.Column("purged_at", Moment),
    sa.Column("login", sa.Integer),
    sa.Column("batch", sa.Text),
    sa.Column("observed_at", Moment),
    sa.Column("purse", sa.JSON(none_as_null=True)),
    sa.Column("tallies", sa.JSON(none_as_null=True)),
    sa.Column("acting", sa.JSON(none_as_null=True)),
    sa.Column("unpaid", sa.JSON(none_as_null=True)),
    sa.Column("said", sa.JSON(none_as_null=True)),
    sa.Column("over", sa.JSON(none_as_null=True)),
    sa.Column("made_at", Moment, nullable=False),
    sa.UniqueConstraint("backend", "username"),
    sa.UniqueConstraint("backend", "remote"),
)

sa.Index("ix_account_kept", account.c.id, **where("purge_waits IS NOT NULL"))
sa.Index("ix_account_data", account.c.id, **where("data_waits IS NOT NULL"))
sa.Index(
    "ix_account_batch", account.c.batch, account.c.id, **where("batch IS NOT NULL")
)
sa.Index("ix_account_observed", account.c.id, **where("observed_at IS NOT NULL"))
sa.Index("ix_account_stopped", account.c.id, **where("money_stopped IS NOT NULL"))
sa.Index("ix_account_restored", account.c.id, **where("restored_at IS NOT NULL"))
sa.Index("ix_account_ended", account.c.id, **where("ended_at IS NOT NULL"))
sa.Index("ix_account_unopened", account.c.id, **where("remote IS NULL"))
sa.Index("ix_account_phone", account.c.phone, **where("phone IS NOT NULL"))
sa.Index("ix_account_source", account.c.source, account.c.id)
sa.Index("ix_account_backend", account.c.backend, account.c.id)
for _name in ("email", "username", "client"):
    sa.Index(f"ix_account_{_name}_begins", account.c[_name], **begins(_name))


# Which client tried which family, and with which service: once, whatever comes in at
# the same moment, and whatever becomes of the account.
tried = sa.Table(
    "tried",
    metadata,
    sa.Column("client", sa.Text, primary_key=True),
    sa.Column("family", sa.Text, primary_key=True),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("starts", Moment, nullable=False),
    sa.Column("ends", Moment, nullable=False),
)


# Which account a thing sold belongs to, and what was last said of it.
service = sa.Table(
    "service",
    metadata,
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("account", sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("package", sa.Text, nullable=False),
    sa.Column("marks", sa.JSON, nullable=False),
    sa.Column("sold", sa.JSON(none_as_null=True)),
    sa.Column("kept", sa.JSON(none_as_null=True)),
    sa.Column("version", sa.Text),
    sa.Column("moves_to", sa.Text),
    sa.Column("shown", sa.JSON(none_as_null=True)),
)
sa.Index("ix_service_ref_begins", service.c.ref, **begins("ref"))


period = sa.Table(
    "period",
    metadata,
    sa.Column("service", sa.ForeignKey("service.ref"), primary_key=True),
    sa.Column("no", sa.Integer, primary_key=True),
    sa.Column("starts", Moment, nullable=False),
    sa.Column("ends", Moment),
    sa.Column("line", sa.Text, unique=True),
    sa.Column("told", sa.Boolean, nullable=False),
    sa.Column("event", sa.Text),
    sa.Column("fee", sa.Text),
    sa.Column("baseline", sa.Boolean),
    sa.Column("group", sa.Text),
    sa.Column("paid_at", Moment),
)


# A login as it was made known: by a mail, or by a link a person printed. Of an account
# only the newest holds. The link's token is nowhere: this is its hash.
login = sa.Table(
    "login",
    metadata,
    sa.Column("account", sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("issue", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("because", Words),
    sa.Column("hash", sa.Text, unique=True),
    sa.Column("until", Moment),
    sa.Column("views", sa.Integer, nullable=False),
)


# What was used of an account on one day of its calendar, and what it had at the last
# look that day. Of each day one row, however often it is looked at.
usage = sa.Table(
    "usage",
    metadata,
    sa.Column("account", sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("calls", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.BigInteger, nullable=False),
    sa.Column("messages", sa.BigInteger, nullable=False),
    sa.Column("peak", sa.BigInteger, nullable=False),
    sa.Column("cost", Amount, nullable=False),
    sa.Column("settled", sa.Boolean, nullable=False),
    sa.Column("balance", Amount),
    sa.Column("balance_at", Moment),
)

sa.Index("ix_usage_day", usage.c.day)


# A bound a subscriber set, and whether it is crossed now.
threshold = sa.Table(
    "threshold",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("account", sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("service", sa.Text),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("level", Amount, nullable=False),
    sa.Column("per", sa.Text),
    sa.Column("crossed", sa.Boolean, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("crossed_at", Moment),
    sa.Column("said", sa.JSON(none_as_null=True)),
    sa.Column("looked_at", Moment),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("by", Words, nullable=False),
)
