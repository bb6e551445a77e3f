"""Many machines: lanes by backend, pauses, ticks, due dates, deliveries, alerts,
the guard on switch-offs, plans that were confirmed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

MOMENTS = ("restored_at", "ended_at", "purged_at", "observed_at")
REASONS = ("purge_waits", "written_off", "batch", "data_waits")
"""Of an account."""

APART = "type = 'topup.paid' AND service IS NOT NULL"
LIVE = "state IN ('intent', 'unsure', 'person', 'overtaken')"
LANES = """
UPDATE lane SET backend = (SELECT backend FROM account WHERE account.id = lane.key)
"""
TRUNCATE = """
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
"""


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", ID, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(
        "uq_alert_open",
        "alert",
        ["topic", "about"],
        unique=True,
        **where("ended_at IS NULL"),
    )
    op.create_table(
        "backend",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("paused_because", sa.Text(), nullable=True),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("next_call", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_backend")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_key")),
    )
    op.create_index(
        "ix_delivery_due", "delivery", ["due"], unique=False, **where("due IS NOT NULL")
    )
    op.create_index(
        "ix_delivery_failed",
        "delivery",
        ["channel"],
        unique=False,
        **where("state IN ('refused', 'given up')"),
    )
    op.create_table(
        "dialling",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("campaigns", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_dialling_account")
        ),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_dialling")),
    )
    op.create_table(
        "fact",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fact")),
    )
    op.create_table(
        "login",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("issue", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_login_account")
        ),
        sa.PrimaryKeyConstraint("account", "issue", name=op.f("pk_login")),
        sa.UniqueConstraint("hash", name=op.f("uq_login_hash")),
    )
    op.create_table(
        "tick",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("ran_at", sa.BigInteger(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tick")),
    )
    op.create_table(
        "wakeup",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_wakeup")),
    )
    op.create_index(
        "ix_wakeup_due", "wakeup", ["due"], unique=False, **where("state = 'waiting'")
    )
    for name in MOMENTS:
        op.add_column("account", sa.Column(name, sa.BigInteger(), nullable=True))
    for name in REASONS:
        op.add_column("account", sa.Column(name, sa.Text(), nullable=True))
    kept = where("purge_waits IS NOT NULL")
    op.create_index("ix_account_kept", "account", ["id"], unique=False, **kept)
    op.add_column("account", sa.Column("login", sa.Integer(), nullable=True))
    op.create_index(
        "ix_account_batch", "account", ["batch", "id"], **where("batch IS NOT NULL")
    )
    op.create_index(
        "ix_account_observed", "account", ["id"], **where("observed_at IS NOT NULL")
    )
    op.add_column("lane", sa.Column("backend", sa.Text(), nullable=True))
    op.create_index(
        "ix_lane_of_backend",
        "lane",
        ["backend", "due"],
        unique=False,
        **where("due IS NOT NULL"),
    )
    op.execute(LANES)
    _guarded()
    op.add_column("account", sa.Column("purse", sa.JSON(), nullable=True))
    op.add_column("account", sa.Column("tallies", sa.JSON(), nullable=True))
    _coupons()
    _unpaid()
    op.add_column("account", sa.Column("said", sa.JSON(), nullable=True))
    op.add_column("service", sa.Column("sold", sa.JSON(), nullable=True))
    op.add_column("account", sa.Column("over", sa.JSON(), nullable=True))
    op.add_column("service", sa.Column("kept", sa.JSON(), nullable=True))
    op.create_index(
        "ix_account_data", "account", ["id"], **where("data_waits IS NOT NULL")
    )
    _versioned()
    _pulled()
    op.add_column("period", sa.Column("event", sa.Text(), nullable=True))
    op.add_column("period", sa.Column("fee", sa.Text(), nullable=True))
    op.add_column("period", sa.Column("baseline", sa.Boolean(), nullable=True))
    op.add_column("period", sa.Column("group", sa.Text(), nullable=True))
    op.add_column("period", sa.Column("paid_at", sa.BigInteger(), nullable=True))
    op.add_column("claim", sa.Column("offset", sa.BigInteger(), nullable=True))
    op.create_index("ix_operation_apart", "operation", ["service"], **where(APART))
    op.create_index("ix_attempt_since", "attempt", ["account", "send_before"])
    op.create_index("ix_attempt_live", "attempt", ["account"], **where(LIVE))
    op.create_index(
        "ix_attempt_proven", "attempt", ["account", "id"], **where("after IS NOT NULL")
    )
    op.drop_index("ix_attempt_account", "attempt")
    op.create_index("ix_claim_free", "claim", ["owner"], **where("kind = 'free'"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(TRUNCATE)


def _coupons() -> None:
    op.add_column("account", sa.Column("acting", sa.JSON(), nullable=True))
    op.create_table(
        "coupon",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("price", sa.Text(), nullable=True),
        sa.Column("fate", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner"], ["account.id"], name=op.f("fk_coupon_owner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon")),
    )
    op.create_index("ix_coupon_owner", "coupon", ["owner"])
    op.create_index("ix_coupon_line", "coupon", ["line"], **where("line IS NOT NULL"))


def _unpaid() -> None:
    op.add_column("account", sa.Column("unpaid", sa.JSON(), nullable=True))
    op.create_table(
        "tried",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client", "family", name=op.f("pk_tried")),
    )


def _pulled() -> None:
    op.create_table(
        "opened_invoice",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "id", name=op.f("pk_opened_invoice")),
    )
    op.create_table(
        "glimpse",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "what", "id", name=op.f("pk_glimpse")),
    )


def _versioned() -> None:
    op.create_table(
        "catalog",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.Column("applied_by", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_catalog")),
    )
    op.create_index("ix_catalog_version", "catalog", ["version"])
    op.create_table(
        "movement",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("now", sa.Boolean(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_movement")),
    )
    for name in ("version", "moves_to"):
        op.add_column("service", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("service", sa.Column("shown", sa.JSON(), nullable=True))


def _guarded() -> None:
    op.create_table(
        "switch_off",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("back_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_switch_off_account")
        ),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_switch_off")),
    )
    op.create_index("ix_switch_off_since", "switch_off", ["backend", "at"])
    op.create_table(
        "switch_off_guard",
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("turns", sa.BigInteger(), nullable=False),
        sa.Column("extra", sa.Integer(), nullable=False),
        sa.Column("extra_until", sa.BigInteger(), nullable=True),
        sa.Column("extra_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("backend", name=op.f("pk_switch_off_guard")),
    )
    op.create_table(
        "confirmation",
        sa.Column("id", ID, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("operation", ID, nullable=True),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_confirmation_account")
        ),
        sa.ForeignKeyConstraint(
            ["operation"], ["operation.id"], name=op.f("fk_confirmation_operation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
    )
    op.create_index(
        "uq_confirmation_open",
        "confirmation",
        ["account"],
        unique=True,
        **where("state = 'open'"),
    )
    op.create_index(
        "ix_confirmation_batch",
        "confirmation",
        ["batch"],
        **where("batch IS NOT NULL"),
    )
    _reconciliations()
    op.add_column("lane", sa.Column("stopped", sa.BigInteger(), nullable=True))
    op.add_column("lane", sa.Column("confirmed", sa.BigInteger(), nullable=True))
    op.add_column("lane", sa.Column("alone", sa.Boolean(), nullable=True))
    op.create_index(
        "ix_lane_stopped", "lane", ["backend"], **where("stopped IS NOT NULL")
    )
    _usage()


def _reconciliations() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("id", ID, nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("backend", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("applies", sa.Boolean(), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("unseen", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
    )
    op.create_table(
        "difference",
        sa.Column("id", ID, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("backend", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("wants", sa.Text(), nullable=False),
        sa.Column("has", sa.Text(), nullable=False),
        sa.Column("repair", sa.Text(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("in_flight", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference")),
        sa.ForeignKeyConstraint(
            ["run"], ["reconciliation.id"], name=op.f("fk_difference_run")
        ),
        sa.UniqueConstraint(
            "run", "subject", "kind", "what",
            name=op.f("uq_difference_run_subject_kind_what"),
        ),
    )  # fmt: skip
    op.create_index("ix_difference_subject", "difference", ["subject", "run"])
    op.create_table(
        "sighting",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_sighting")),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_sighting_account")
        ),
    )
    op.create_table(
        "reconciled",
        sa.Column("run", ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *(
            sa.Column(book, sa.BigInteger(), nullable=False)
            for book in ("paid", "applied", "held", "reversing", "reversed")
        ),
        sa.PrimaryKeyConstraint(
            "run", "source", "currency", name=op.f("pk_reconciled")
        ),
        sa.ForeignKeyConstraint(
            ["run"], ["reconciliation.id"], name=op.f("fk_reconciled_run")
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_threshold_account", "threshold")
    for name in (
        "threshold", "usage", "sighting", "reconciled", "difference", "reconciliation",
    ):  # fmt: skip
        op.drop_table(name)
    op.drop_index("ix_lane_stopped", "lane")
    for name in ("stopped", "confirmed", "alone"):
        op.drop_column("lane", name)
    for name in ("confirmation", "switch_off_guard", "switch_off"):
        op.drop_table(name)
    op.drop_index("ix_claim_free", "claim")
    op.drop_index("ix_operation_apart", "operation")
    op.drop_column("claim", "offset")
    op.drop_column("period", "paid_at")
    op.drop_column("period", "group")
    op.drop_column("period", "baseline")
    op.drop_column("period", "fee")
    op.drop_column("period", "event")
    op.drop_table("movement")
    op.drop_table("catalog")
    op.drop_table("glimpse")
    op.drop_table("opened_invoice")
    for name in ("sold", "kept", "version", "moves_to", "shown"):
        op.drop_column("service", name)
    op.drop_index("ix_account_data", "account")
    op.drop_column("account", "over")
    op.drop_column("account", "said")
    op.drop_table("tried")
    op.drop_column("account", "unpaid")
    op.drop_table("coupon")
    op.drop_column("account", "acting")
    op.drop_column("account", "tallies")
    op.drop_column("account", "purse")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER ledger_no_truncate ON ledger")
    op.create_index("ix_attempt_account", "attempt", ["account"])
    for name in ("ix_attempt_since", "ix_attempt_live", "ix_attempt_proven"):
        op.drop_index(name, "attempt")
    op.drop_index("ix_lane_of_backend", table_name="lane", **where("due IS NOT NULL"))
    op.drop_column("lane", "backend")
    op.drop_index("ix_account_observed", "account")
    op.drop_index("ix_account_batch", "account")
    op.drop_index("ix_account_kept", "account")
    for name in (*REASONS, *MOMENTS):
        op.drop_column("account", name)
    op.drop_table("login")
    op.drop_column("account", "login")
    op.drop_index("ix_wakeup_due", table_name="wakeup", **where("state = 'waiting'"))
    op.drop_table("wakeup")
    op.drop_table("tick")
    op.drop_table("fact")
    op.drop_table("dialling")
    op.drop_index(
        "ix_delivery_failed",
        table_name="delivery",
        **where("state IN ('refused', 'given up')"),
    )
    op.drop_index("ix_delivery_due", table_name="delivery", **where("due IS NOT NULL"))
    op.drop_table("delivery")
    op.drop_table("backend")
    op.drop_index("uq_alert_open", table_name="alert", **where("ended_at IS NULL"))
    op.drop_table("alert")


def _usage() -> None:
    op.create_table(
        "usage",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("peak", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("balance_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_usage_account")
        ),
        sa.PrimaryKeyConstraint("account", "day", name=op.f("pk_usage")),
    )
    op.create_index("ix_usage_day", "usage", ["day"], unique=False)
    op.create_table(
        "threshold",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("per", sa.Text(), nullable=True),
        sa.Column("crossed", sa.Boolean(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("crossed_at", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.JSON(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_threshold_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threshold")),
        sa.UniqueConstraint("key", name=op.f("uq_threshold_key")),
    )
    op.create_index("ix_threshold_account", "threshold", ["account"], unique=False)
