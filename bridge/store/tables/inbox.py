"""The tables of what came in: requests as they were, and the events in them."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables.meta import begins, metadata, where
from bridge.store.types import Id, Moment

# Conditions of partial indexes. A query that wants one says the very same words: with
# bound values neither database could tell, and would read the whole table.
ACCEPTED = "fate = 'accepted'"
UNFINISHED = "fate IN ('working', 'unsure', 'parked', 'refused')"
TROUBLE = "fate IN ('unsure', 'parked', 'refused')"
APART = "type = 'topup.paid' AND service IS NOT NULL"

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
