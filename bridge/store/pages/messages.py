"""Messages to the outside, the newest first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from bridge.store.outbox import CAUSE, Delivery, State
from bridge.store.tables import delivery, operation, threshold

# The index's own words, as a literal: with bound values neither database could tell.
FAILED = sa.text("state IN ('refused', 'given up')")

MAILS = ("login", "customer")
"""The types of those whose key has the account in it that they tell of."""


def newest(
    tx: sa.Connection, most: int, before: int | None, state: State | None
) -> list[Delivery]:
    """*before*: only older ones than that number."""
    query = sa.select(delivery).order_by(delivery.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(delivery.c.id < before)
    if state is not None:
        query = query.where(delivery.c.state == state.value)
    return [_read(row) for row in tx.execute(query).mappings()]


def causes(tx: sa.Connection, these: Sequence[Delivery]) -> dict[int, str]:
    """By the message's number: the event it comes of, as it is named here."""
    by_name = {
        one.id: str(one.content["operation"])
        for one in these
        if "operation" in one.content
    }
    by_id = {one.id: one.content[CAUSE] for one in these if CAUSE in one.content}
    query = sa.select(operation.c.id, operation.c.name)
    rows = tx.execute(query.where(operation.c.id.in_(set(by_id.values()))))
    names = {row.id: row.name for row in rows}
    return by_name | {no: names[id_] for no, id_ in by_id.items() if id_ in names}


def failed(tx: sa.Connection) -> int:
    query = sa.select(sa.func.count()).select_from(delivery).where(FAILED)
    return tx.execute(query).scalar_one()


def mails_to(tx: sa.Connection, accounts: Collection[str]) -> sa.ColumnElement[bool]:
    """Which are mails that tell of one of these accounts, by the keys they have."""
    bounds = sa.select(threshold.c.id).where(threshold.c.account.in_(accounts))
    alerts = [f"threshold/{each}/" for each in tx.execute(bounds).scalars()]
    type_ = delivery.c.content["type"].as_string()
    named = (delivery.c.key.contains(f"/{a}/", autoescape=True) for a in accounts)
    tells = sa.and_(sa.or_(sa.false(), *named), type_.in_(MAILS))
    return sa.or_(tells, begins(alerts))


def begins(these: Iterable[str]) -> sa.ColumnElement[bool]:
    """Which have a key that begins like one of these; none of none."""
    key = delivery.c.key
    return sa.or_(sa.false(), *(key.startswith(b, autoescape=True) for b in these))


def _read(row: Any) -> Delivery:
    return Delivery(**{**row, "state": State(row["state"])})
