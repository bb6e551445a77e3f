"""People: who may log in, what programs may ask, and what was done by whom."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = """
CREATE TRIGGER audit_no_{what} BEFORE {what} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger AS
$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$ LANGUAGE plpgsql
"""
POSTGRESQL = """
CREATE TRIGGER audit_no_{what} BEFORE {what} ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
"""
REFUSED = {
    "sqlite": ((SQLITE,), ("UPDATE", "DELETE")),
    "postgresql": ((FUNCTION, POSTGRESQL), ("UPDATE", "DELETE", "TRUNCATE")),
}


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def begins(column: str) -> dict[str, Any]:
    return {"postgresql_ops": {column: "text_pattern_ops"}}


MOVED = ["at", "from_book", "to_book", "currency", "amount"]
TROUBLE = where("fate IN ('unsure', 'parked', 'refused')")
LOOKED_FOR: tuple[tuple[str, str, list[str], dict[str, Any]], ...] = (
    ("ix_operation_trouble", "operation", ["id"], TROUBLE),
    ("ix_operation_lane", "operation", ["lane", "id"], {}),
    ("ix_operation_event", "operation", ["event"], begins("event")),
    ("ix_account_stopped", "account", ["id"], where("money_stopped IS NOT NULL")),
    ("ix_account_restored", "account", ["id"], where("restored_at IS NOT NULL")),
    ("ix_account_ended", "account", ["id"], where("ended_at IS NOT NULL")),
    ("ix_account_unopened", "account", ["id"], where("remote IS NULL")),
    ("ix_account_source", "account", ["source", "id"], {}),
    ("ix_account_backend", "account", ["backend", "id"], {}),
    ("ix_account_phone", "account", ["phone"], where("phone IS NOT NULL")),
    ("ix_account_email_begins", "account", ["email"], begins("email")),
    ("ix_account_username_begins", "account", ["username"], begins("username")),
    ("ix_account_client_begins", "account", ["client"], begins("client")),
    ("ix_service_ref_begins", "service", ["ref"], begins("ref")),
    ("ix_claim_event", "claim", ["event"], {}),
    ("ix_ledger_moved", "ledger", MOVED, {}),
)
"""By what pages look for something, and lists go."""


def upgrade() -> None:
    op.add_column("account", sa.Column("phone", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("language", sa.Text(), nullable=True))
    op.create_table(
        "user",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("recovery", sa.JSON(), nullable=False),
        sa.Column("invited", sa.Text(), nullable=True),
        sa.Column("invited_until", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_user")),
        sa.UniqueConstraint("invited", name=op.f("uq_user_invited")),
    )
    op.create_table(
        "session",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("proved_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user.name"], name=op.f("fk_session_user")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_user"), "session", ["user"])
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    op.create_table(
        "pace",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("used_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pace")),
    )
    op.create_index("ix_pace_used_until", "pace", ["used_until"])
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("once", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_index(
        "uq_audit_once", "audit", ["who", "once"], unique=True,
        **where("once IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_audit_about", "audit", ["about", "id"], **where("about IS NOT NULL")
    )
    op.create_index("ix_audit_who", "audit", ["who", "id"])
    _many_at_once()
    _secrets()
    op.create_index("ix_request_source", "request", ["source", "id"])
    op.create_index("ix_operation_request", "operation", ["request"])
    for name, table, columns, more in LOOKED_FOR:
        op.create_index(name, table, columns, **more)
    statements, changes = REFUSED[op.get_bind().dialect.name]
    for what in changes:
        for statement in statements:
            op.execute(statement.format(what=what))


def _many_at_once() -> None:
    op.create_table(
        "batch",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("which", sa.JSON(), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("looked", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_state"), "batch", ["state"])
    op.create_table(
        "batch_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch"], ["batch.name"], name=op.f("fk_batch_line_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_line")),
    )
    op.create_index("ix_batch_line_of", "batch_line", ["batch", "state", "id"])


def _secrets() -> None:
    op.create_table(
        "source_secret",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("replaces", sa.JSON(), nullable=False),
        sa.Column("overlap_until", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_secret")),
        sa.UniqueConstraint("source", "no", name=op.f("uq_source_secret_source_no")),
    )


def downgrade() -> None:
    op.drop_index("ix_operation_request", "operation")
    op.drop_index("ix_request_source", "request")
    for table in ("source_secret", "batch_line", "batch"):
        op.drop_table(table)
    for name, table, _, _ in LOOKED_FOR:
        op.drop_index(name, table)
    op.drop_column("account", "language")
    op.drop_column("account", "phone")
    for table in ("audit", "pace", "api_key", "session", "user"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_append_only()")
