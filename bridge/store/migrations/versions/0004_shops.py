"""Shops: who buys there, who is logged in, what was ordered, and resellers' floats."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = """
CREATE TRIGGER float_entry_no_{what} BEFORE {what} ON float_entry
BEGIN SELECT RAISE(ABORT, 'what was drawn from a float is append-only'); END
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION float_is_append_only() RETURNS trigger AS
$$ BEGIN RAISE EXCEPTION 'what was drawn from a float is append-only'; END
$$ LANGUAGE plpgsql
"""
POSTGRESQL = """
CREATE TRIGGER float_entry_no_{what} BEFORE {what} ON float_entry
FOR EACH STATEMENT EXECUTE FUNCTION float_is_append_only()
"""
REFUSED = {
    "sqlite": ((SQLITE,), ("UPDATE", "DELETE")),
    "postgresql": ((FUNCTION, POSTGRESQL), ("UPDATE", "DELETE", "TRUNCATE")),
}


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("recovery", sa.JSON(), nullable=False),
        sa.Column("proved_at", sa.BigInteger(), nullable=True),
        sa.Column("chosen_at", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    op.create_index(op.f("ix_customer_client"), "customer", ["client"])
    op.create_index(
        "uq_customer_email", "customer", ["source", "email"], unique=True,
        **where("ended_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "customer_link",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name=op.f("fk_customer_link_customer")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_customer_link")),
    )
    op.create_index(op.f("ix_customer_link_customer"), "customer_link", ["customer"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("hash", name=op.f("uq_invitation_hash")),
    )
    op.create_index(op.f("ix_invitation_client"), "invitation", ["client"])
    op.create_table(
        "customer_session",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("proved_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"], ["customer.id"], name=op.f("fk_customer_session_user")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_customer_session")),
    )
    op.create_index(op.f("ix_customer_session_user"), "customer_session", ["user"])
    op.create_table(
        "shop_order",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("payer", sa.JSON(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("event", sa.Text(), nullable=True),
        sa.Column("held_for", sa.Text(), nullable=True),
        sa.Column("handed", sa.JSON(), nullable=True),
        sa.Column("on_float", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name=op.f("fk_shop_order_customer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_order")),
    )
    op.create_index(op.f("ix_shop_order_customer"), "shop_order", ["customer"])
    op.create_index(
        "uq_shop_order_quote", "shop_order", ["source", "quote"], unique=True
    )
    op.create_index(
        "uq_shop_order_under_way", "shop_order", ["service"], unique=True,
        **where("state IN ('asked', 'open') AND kind IN ('change', 'renewal')"),
    )  # fmt: skip
    op.create_index("ix_shop_order_client", "shop_order", ["client", "made_at"])
    op.create_index("ix_shop_order_service", "shop_order", ["service"])
    op.create_index("ix_shop_order_made", "shop_order", ["made_at"])
    op.create_index("ix_shop_order_of", "shop_order", ["source", "made_at"])
    op.create_index("ix_shop_order_settled", "shop_order", ["source", "settled_at"])
    op.create_index(
        "ix_shop_order_open", "shop_order", ["made_at"],
        **where("state IN ('asked', 'open', 'held')"),
    )  # fmt: skip
    op.create_index(
        "ix_shop_order_handed", "shop_order", ["made_at"],
        **where("handed IS NOT NULL AND event IS NULL"),
    )  # fmt: skip
    _floats()
    _renewals()
    op.add_column("delivery", sa.Column("settles_at", sa.BigInteger(), nullable=True))


def _floats() -> None:
    op.create_table(
        "float_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order"], ["shop_order.id"], name=op.f("fk_float_entry_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_float_entry")),
        sa.UniqueConstraint("source", "no", name=op.f("uq_float_entry_source_no")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_float_entry_source_key")),
    )
    op.create_index(op.f("ix_float_entry_order"), "float_entry", ["order"])
    statements, changes = REFUSED[op.get_bind().dialect.name]
    for what in changes:
        for statement in statements:
            op.execute(statement.format(what=what))


def _renewals() -> None:
    op.create_table(
        "renewal",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("chosen_at", sa.BigInteger(), nullable=False),
        sa.Column("chosen_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("service", name=op.f("pk_renewal")),
    )
    op.create_index(
        "ix_renewal_automatic", "renewal", ["service"], **where("automatic")
    )


def downgrade() -> None:
    op.drop_column("delivery", "settles_at")
    for table in (
        "renewal", "float_entry", "shop_order", "customer_session", "invitation",
        "customer_link", "customer",
    ):  # fmt: skip
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION float_is_append_only()")
