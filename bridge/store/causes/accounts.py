"""Accounts that are off or over, and not yet as that should be at their backend."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.store import register
from bridge.store.causes.found import Found, Limits
from bridge.store.tables import account, dialling
from provisioning.core.sentences import Sentence, minute, say


def still_dialling(tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    """Off, and its campaigns run: not the first tries, but before long."""
    late = sa.or_(
        dialling.c.tries >= limits.stops, dialling.c.since < at - limits.give_up
    )
    query = sa.select(dialling, account.c.remote, account.c.backend)
    rows = tx.execute(query.join(account).where(late)).mappings()
    return {row["account"]: _dials(row) for row in rows}


def _dials(row: sa.RowMapping) -> Sentence:
    if row["campaigns"]:
        return say(
            "alert_still_dialling",
            account=row["account"],
            remote=row["remote"],
            backend=row["backend"],
            campaigns=row["campaigns"],
            since=minute(row["since"]),
        )
    return say(
        "alert_dialling_unseen",
        account=row["account"],
        remote=row["remote"],
        backend=row["backend"],
        since=minute(row["since"]),
        said=row["said"] or "no reason was given",
    )


def purge_waits(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    rows = tx.execute(
        sa.select(account.c.id, account.c.ended_at, account.c.purge_waits).where(
            # The index's own words, as a literal: SQLite uses it for nothing else.
            sa.text("purge_waits IS NOT NULL")
        )
    )
    return {
        row.id: say(
            "alert_purge_waits",
            account=row.id,
            ended=minute(row.ended_at),
            why=row.purge_waits,
        )
        for row in rows
    }


def data_waits(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    return {
        id_: say("alert_data_waits", account=id_, backend=backend, what=what)
        for id_, backend, what in register.with_data(tx)
    }
