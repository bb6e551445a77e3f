"""The tables. What must be unique is unique here, not in an `if` before an insert."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.beside import batch, batch_line, source_secret
from bridge.store.buying import (
    customer,
    customer_link,
    customer_session,
    float_entry,
    invitation,
    renewal,
    shop_order,
)
from bridge.store.meta import begins, metadata, where
from bridge.store.people import api_key, audit, pace, session, user
from bridge.store.types import Amount, Id, Moment, Words

__all__ = ["api_key", "audit", "batch", "batch_line", "customer", "customer_link",
           "customer_session", "float_entry", "invitation", "metadata", "pace",
           "renewal", "session", "shop_order", "source_secret", "user"]  # fmt: skip

# Conditions of partial indexes. A query that wants one says the very same words: with
# bound values neither database could tell, and would read the whole table.
FREE = "kind = 'free'"
ACCEPTED = "fate = 'accepted'"
UNFINISHED = "fate IN ('working', 'unsure', 'parked', 'refused')"
TROUBLE = "fate IN ('unsure', 'parked', 'refused')"
UNSETTLED = "state <> 'settled'"
APART = "type = 'topup.paid' AND service IS NOT NULL"
LIVE = "state IN ('intent', 'unsure', 'person', 'overtaken')"


# What reached the door, as it was (secrets blanked), once per delivery.
request = sa.Table(
    "request",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("delivery", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.UniqueConstraint("source", "delivery"),
)
sa.Index("ix_request_source", request.c.source, request.c.id)

# One accepted event and its fate. `id` is the order of arrival.
operation = sa.Table(
    "operation",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("request", sa.ForeignKey("request.id"), nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("service", sa.Text),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("fate", sa.Text, nullable=False),
    sa.Column("why", sa.JSON(none_as_null=True)),
    sa.Column("planned", sa.Boolean, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    sa.UniqueConstraint("source", "event"),
)
sa.Index(
    "ix_operation_waiting",
    operation.c.lane,
    operation.c.id,
    **where(ACCEPTED),
)
sa.Index("ix_operation_request", operation.c.request)
sa.Index(
    "ix_operation_unfinished",
    operation.c.lane,
    **where(UNFINISHED),
)
sa.Index("ix_operation_apart", operation.c.service, **where(APART))
sa.Index("ix_operation_trouble", operation.c.id, **where(TROUBLE))
sa.Index("ix_operation_lane", operation.c.lane, operation.c.id)
sa.Index("ix_operation_event", operation.c.event, **begins("event"))

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

# What is true of this database as a whole: that it was restored, and from when.
fact = sa.Table(
    "fact",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("at", Moment, nullable=False),
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
