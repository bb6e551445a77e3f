"""Sums that are not where they should be, and attempts nobody knows the end of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.store import tables
from bridge.store.attempts import OPEN, State
from bridge.store.causes.found import OBSERVED, Found, Limits
from bridge.store.tables import account, attempt, claim
from bridge.store.types import Amount, Moment
from provisioning.core.credit import Kind
from provisioning.core.money import text
from provisioning.core.sentences import minute, say

LATE = timedelta(minutes=5)
"""How long past its settle window an attempt may be open."""


def unsure_late(tx: sa.Connection, at: datetime, _limits: Limits) -> Found:
    late = attempt.c.settled_from < at - LATE
    return {
        f"attempt {row.id}": say(
            "alert_unsure_late",
            attempt=row.id,
            account=row.account,
            verb=row.verb,
            since=minute(row.settled_from),
        )
        for row in _attempts(tx, attempt.c.state.in_(OPEN), late)
    }


def person(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    return {
        f"attempt {row.id}": say(
            "alert_person",
            attempt=row.id,
            account=row.account,
            verb=row.verb,
            since=minute(row.settled_from),
        )
        for row in _attempts(tx, attempt.c.state == State.PERSON.value)
    }


def stopped(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    rows = tx.execute(
        sa.select(account.c.id, account.c.money_stopped).where(
            account.c.money_stopped.is_not(None)
        )
    )
    return {
        row.id: say("alert_stopped", account=row.id, why=row.money_stopped)
        for row in rows
    }


def sum_refused(tx: sa.Connection, _at: datetime, _limits: Limits) -> Found:
    """Free credit and goodwill, too: their events may have ended long ago."""
    rows = tx.execute(
        sa.select(
            claim.c.owner,
            sa.func.count().label("count"),
            sa.func.min(claim.c.key).label("first"),
            sa.func.min(claim.c.booked_at, type_=Moment).label("since"),
        )
        .where(sa.text(tables.UNSETTLED), claim.c.state == "parked")
        .group_by(claim.c.owner)
    ).mappings()
    return {
        row["owner"]: say(
            "alert_sum_refused",
            owner=row["owner"],
            count=row["count"],
            first=row["first"],
            since=minute(row["since"]),
        )
        for row in rows
    }


def held(tx: sa.Connection, at: datetime, limits: Limits) -> Found:
    """Money that was paid and is not where it was paid for."""
    rows = tx.execute(
        sa.select(
            claim.c.owner,
            claim.c.currency,
            # PostgreSQL adds whole numbers up to a numeric: back to what a sum is here.
            sa.cast(sa.func.sum(sa.type_coerce(tables.REST, sa.BigInteger)), Amount)
            .label("total"),
            sa.func.min(claim.c.booked_at, type_=Moment).label("since"),
        )
        .where(
            sa.text(tables.UNSETTLED),
            claim.c.kind == Kind.TOPUP.value,
            claim.c.booked_at < at - limits.held,
            claim.c.owner.not_in(OBSERVED),
        )
        .group_by(claim.c.owner, claim.c.currency)
        .order_by(claim.c.owner, claim.c.currency)
    ).mappings()  # fmt: skip
    sums: dict[str, list[Any]] = {}
    for row in rows:
        sums.setdefault(row["owner"], []).append(row)
    return {
        owner: say(
            "alert_held",
            owner=owner,
            sums=" and ".join(f"{text(r['total'])} {r['currency']}" for r in each),
            since=minute(min(r["since"] for r in each)),
        )
        for owner, each in sums.items()
    }


def _attempts(
    tx: sa.Connection, *which: sa.ColumnElement[bool]
) -> Sequence[sa.Row[Any]]:
    live = sa.text(tables.LIVE)  # the index's own words
    query = sa.select(attempt).where(live, *which).order_by(attempt.c.id)
    return tx.execute(query).all()
