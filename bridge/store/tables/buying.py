"""The tables of a shop: who buys there, who is logged in, what was ordered, and what
its reseller pays that from."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.tables.meta import metadata, where
from bridge.store.types import Amount, Id, Moment, Words

# A person who may log in at the shop of one brand. `client` is whose orders and
# accounts are his to see: several people may belong to one.
customer = sa.Table(
    "customer",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("client", sa.Text, nullable=False, index=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("password", sa.Text),
    sa.Column("totp", sa.LargeBinary),
    sa.Column("step", sa.BigInteger, nullable=False),
    sa.Column("recovery", sa.JSON, nullable=False),
    sa.Column("proved_at", Moment),
    sa.Column("chosen_at", Moment),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
)
sa.Index("uq_customer_email", customer.c.source, customer.c.email, unique=True,
         **where("ended_at IS NULL"))  # fmt: skip

# A link mailed to a customer: what it is for, and until when. It holds once; the link
# itself is nowhere, this is its hash.
customer_link = sa.Table(
    "customer_link",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("customer", sa.ForeignKey("customer.id"), nullable=False, index=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("until", Moment, nullable=False),
)

# Somebody who is invited to a client's account, and the hash of the link he is mailed.
invitation = sa.Table(
    "invitation",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("client", sa.Text, nullable=False, index=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, unique=True),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("until", Moment, nullable=False),
)

# A customer who is logged in, as `session` is for those at the console.
customer_session = sa.Table(
    "customer_session",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("user", sa.ForeignKey("customer.id"), nullable=False, index=True),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("proved_at", Moment, nullable=False),
    sa.Column("until", Moment, nullable=False),
    sa.Column("address", Words, nullable=False),
    sa.Column("agent", Words, nullable=False),
)

# What was ordered at a price that was promised. `quote` is the hash of that promise:
# it is ordered once, however often the button is pressed. `base` is what it costs
# the reseller whose shop it is. `said` is what is told once
# it is paid; `event` what was told then; `held_for` why nothing is, where it is held.
# `handed` is what it is at the platform that has it in its cart; `service` is then how
# that calls what it sold. `automatic`: whether it is to be renewed by itself from then
# on, where who ordered chose that. `on_float`: what it costs its reseller is of his
# float, as its money is with him.
shop_order = sa.Table(
    "shop_order",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("client", sa.Text, nullable=False),
    sa.Column("customer", sa.ForeignKey("customer.id"), nullable=False, index=True),
    sa.Column("quote", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("said", sa.JSON, nullable=False),
    sa.Column("lines", sa.JSON, nullable=False),
    sa.Column("amount", Amount, nullable=False),
    sa.Column("base", Amount, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("payer", sa.JSON, nullable=False),
    sa.Column("automatic", sa.Boolean),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("settled_at", Moment),
    sa.Column("settled_by", Words),
    sa.Column("because", Words),
    sa.Column("event", sa.Text),
    sa.Column("held_for", sa.Text),
    sa.Column("handed", sa.JSON(none_as_null=True)),
    sa.Column("on_float", sa.Boolean, nullable=False, default=False),
)
sa.Index("uq_shop_order_quote", shop_order.c.source, shop_order.c.quote, unique=True)
# Of one service one change or renewal waits at a time: each was priced by what it is
# now, and two paid for it would charge the same twice.
sa.Index(
    "uq_shop_order_under_way", shop_order.c.service, unique=True,
    **where("state IN ('asked', 'open') AND kind IN ('change', 'renewal')"),
)  # fmt: skip
sa.Index("ix_shop_order_client", shop_order.c.client, shop_order.c.made_at)
sa.Index("ix_shop_order_service", shop_order.c.service)
sa.Index("ix_shop_order_made", shop_order.c.made_at)
sa.Index("ix_shop_order_of", shop_order.c.source, shop_order.c.made_at)
sa.Index("ix_shop_order_settled", shop_order.c.source, shop_order.c.settled_at)
sa.Index("ix_shop_order_open", shop_order.c.made_at,
         **where("state IN ('asked', 'open', 'held')"))  # fmt: skip
sa.Index("ix_shop_order_handed", shop_order.c.made_at,
         **where("handed IS NOT NULL AND event IS NULL"))  # fmt: skip

# What a reseller deposited with the operator, what was drawn of it, and his limit: each
# row with what was left by it. Append-only, by triggers of the migration. Two that are
# written at once would be of one number: the second finds the first, or is not there.
float_entry = sa.Table(
    "float_entry",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("no", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("order", sa.ForeignKey("shop_order.id"), index=True),
    sa.Column("amount", Amount, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("balance", Amount, nullable=False),
    sa.Column("limit", Amount, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("because", Words, nullable=False),
    sa.UniqueConstraint("source", "no"),
    sa.UniqueConstraint("source", "key"),
)

# Whether a service is renewed by itself: by whom that was said last, and when.
renewal = sa.Table(
    "renewal",
    metadata,
    sa.Column("service", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("chosen_at", Moment, nullable=False),
    sa.Column("chosen_by", Words, nullable=False),
)
sa.Index("ix_renewal_automatic", renewal.c.service, **where("automatic"))
