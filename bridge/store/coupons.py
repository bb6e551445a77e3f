"""Coupons as they are kept: whose each is, and what became of it.

A coupon that is spent or gone stays so: only one without a fate is ever changed.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bridge.store import payload
from bridge.store.database import insert
from bridge.store.tables import coupon
from provisioning.core.coupons import Coupon


def add(tx: sa.Connection, new: Coupon) -> bool:
    """Whether it is new: the same act of giving, told twice, gives once."""
    row = insert(tx, coupon).values(_row(new)).on_conflict_do_nothing()
    return tx.execute(row.returning(coupon.c.id)).scalar() is not None


def one(tx: sa.Connection, id_: str) -> Coupon | None:
    row = tx.execute(sa.select(coupon).where(coupon.c.id == id_)).one_or_none()
    return _coupon(row) if row else None


def of(tx: sa.Connection, owner: str | None, most: int) -> list[Coupon]:
    """An account's, or all: the newest first."""
    query = sa.select(coupon).order_by(coupon.c.given_at.desc(), coupon.c.id)
    if owner is not None:
        query = query.where(coupon.c.owner == owner)
    return [_coupon(row) for row in tx.execute(query.limit(most))]


def keep(tx: sa.Connection, was: Coupon, now: Coupon) -> bool:
    """Whether nobody was first: of two that change it at once one is too late."""
    unchanged = (
        coupon.c.id == was.id,
        coupon.c.owner == was.owner,
        coupon.c.fate.is_(None),
    )
    change = sa.update(coupon).where(*unchanged).values(_row(now))
    return tx.execute(change).rowcount == 1


def _row(each: Coupon) -> dict[str, Any]:
    return {
        "id": each.id,
        "kind": each.kind,
        "owner": each.owner,
        "given_at": each.given_at,
        "given_by": each.by,
        "because": each.why,
        "line": each.line,
        "fate": payload.from_fate(each.fate),
    }


def _coupon(row: Any) -> Coupon:
    fate = payload.to_fate(row.fate)
    given = row.given_at, row.given_by, row.because
    return Coupon(row.id, row.kind, row.owner, *given, row.line, fate)
