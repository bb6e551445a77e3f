"""The first tables, and a ledger that refuses to be changed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = """
CREATE TRIGGER ledger_no_{what} BEFORE {what} ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$ LANGUAGE plpgsql
"""
POSTGRESQL = """
CREATE TRIGGER ledger_no_{what} BEFORE {what} ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
"""
REFUSE = {"sqlite": (SQLITE,), "postgresql": (FUNCTION, POSTGRESQL)}


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("remote", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("money_stopped", sa.Text(), nullable=True),
        sa.Column("trusted_from", sa.BigInteger(), nullable=True),
        sa.Column("trusted_because", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint(
            "backend", "remote", name=op.f("uq_account_backend_remote")
        ),
        sa.UniqueConstraint(
            "backend", "username", name=op.f("uq_account_backend_username")
        ),
    )
    op.create_index(op.f("ix_account_client"), "account", ["client"], unique=False)
    op.create_table(
        "claim",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_claim")),
    )
    op.create_index(
        "ix_claim_open",
        "claim",
        ["owner", "booked_at"],
        unique=False,
        **where("state <> 'settled'"),
    )
    op.create_table(
        "lane",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_lane")),
    )
    op.create_index(
        "ix_lane_due", "lane", ["due"], unique=False, **where("due IS NOT NULL")
    )
    op.create_index(
        "ix_lane_leased",
        "lane",
        ["lease_until"],
        unique=False,
        **where("lease_until IS NOT NULL"),
    )
    op.create_table(
        "ledger",
        sa.Column("id", ID, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("from_book", sa.Text(), nullable=False),
        sa.Column("to_book", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_amount_is_positive")),
        sa.CheckConstraint("from_book <> to_book", name=op.f("ck_ledger_books_differ")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint(
            "key",
            "from_book",
            "to_book",
            "owner",
            name=op.f("uq_ledger_key_from_book_to_book_owner"),
        ),
        sa.UniqueConstraint("owner", "no", name=op.f("uq_ledger_owner_no")),
    )
    op.create_table(
        "request",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint(
            "source", "delivery", name=op.f("uq_request_source_delivery")
        ),
    )
    op.create_table(
        "attempt",
        sa.Column("id", ID, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("step", sa.JSON(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("channels", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("send_before", sa.BigInteger(), nullable=False),
        sa.Column("settled_from", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("after", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_attempt_account")
        ),
        sa.ForeignKeyConstraint(
            ["claim"], ["claim.key"], name=op.f("fk_attempt_claim")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_account"), "attempt", ["account"], unique=False)
    op.create_index(
        "uq_attempt_in_flight",
        "attempt",
        ["account"],
        unique=True,
        **where("state IN ('intent', 'unsure')"),
    )
    op.create_index(
        "uq_attempt_with_a_person",
        "attempt",
        ["account"],
        unique=True,
        **where("state = 'person'"),
    )
    op.create_table(
        "operation",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("request", ID, nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("why", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request"], ["request.id"], name=op.f("fk_operation_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sa.UniqueConstraint("name", name=op.f("uq_operation_name")),
        sa.UniqueConstraint("source", "event", name=op.f("uq_operation_source_event")),
    )
    op.create_index(
        "ix_operation_unfinished",
        "operation",
        ["lane"],
        unique=False,
        **where("fate IN ('working', 'unsure', 'parked', 'refused')"),
    )
    op.create_index(
        "ix_operation_waiting",
        "operation",
        ["lane", "id"],
        unique=False,
        **where("fate = 'accepted'"),
    )
    op.create_table(
        "service",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_service_account")
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_service")),
    )
    op.create_index(op.f("ix_service_account"), "service", ["account"], unique=False)
    op.create_table(
        "period",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service"], ["service.ref"], name=op.f("fk_period_service")
        ),
        sa.PrimaryKeyConstraint("service", "no", name=op.f("pk_period")),
        sa.UniqueConstraint("line", name=op.f("uq_period_line")),
    )
    for what in ("UPDATE", "DELETE"):
        for statement in REFUSE[op.get_bind().dialect.name]:
            op.execute(statement.format(what=what))


def downgrade() -> None:
    for table in (
        "period",
        "service",
        "operation",
        "attempt",
        "request",
        "ledger",
        "lane",
        "claim",
        "account",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_is_append_only()")
