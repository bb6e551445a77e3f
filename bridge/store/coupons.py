"""Coupons as they are kept: whose each is, and what became of it.

A coupon that is spent or gone stays so: only one without a fate is ever changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from bridge.store import payload
from bridge.store.accounts import Moved
from bridge.store.database import insert
from bridge.store.drafts import Missing, Rank, Writes, put, statement, the
from bridge.store.questions import Answer, Question, among
from bridge.store.tables import account, coupon
from bridge.store.whereabouts import Place
from provisioning.core.coupons import Coupon

_COLUMNS = (
    "id", "kind", "owner", "given_at", "given_by", "because", "line", "price", "fate",
)  # fmt: skip
BUY = statement(
    Rank.COUPON, sa.insert(coupon).values({name: the(name) for name in _COLUMNS})
)
TAKE_BACK = statement(
    Rank.COUPON,
    sa.update(coupon)
    .where(coupon.c.id == the("id"), coupon.c.fate.is_(None))
    .values(fate=the("fate")),
    missing=Missing(Moved, "coupon {id} was used meanwhile"),
)
OF_LINES = Question(
    sa.select(coupon).where(among(coupon.c.line, "lines")).order_by(coupon.c.id)
)
BUYERS = Question(
    sa.select(coupon.c.line, account.c.id, account.c.backend)
    .join(account, account.c.id == coupon.c.given_by)
    .where(among(coupon.c.line, "lines"))
)


def add(tx: sa.Connection, new: Coupon) -> bool:
    """Whether it is new: the same act of giving, told twice, gives once."""
    row = insert(tx, coupon).values(_row(new)).on_conflict_do_nothing()
    return tx.execute(row.returning(coupon.c.id)).scalar() is not None


def take_in(tx: Writes, these: Iterable[Coupon], known: Collection[Coupon]) -> None:
    """What was bought is there, once; what was paid back is not, unless it was used."""
    had = {each.id for each in known}
    for each in these:
        row = _row(each)
        if each.id in had:
            put(tx, TAKE_BACK, id=row["id"], fate=row["fate"])
        else:
            put(tx, BUY, **row)


def of_lines(tx: sa.Connection, lines: Collection[str]) -> Answer[list[Coupon]]:
    """What these lines brought, whosever it is now."""
    return OF_LINES.ask(tx, _coupons, lines=lines)


def buyers(tx: sa.Connection, lines: Collection[str]) -> Answer[dict[str, Place]]:
    """On which account each of these lines bought coupons, where it did."""
    return BUYERS.ask(tx, _by_line, lines=lines)


def _coupons(rows: Iterable[Any]) -> list[Coupon]:
    return [_coupon(row) for row in rows]


def _by_line(rows: Iterable[Any]) -> dict[str, Place]:
    return {row.line: Place(row.id, row.backend) for row in rows}


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
        "price": each.price,
        "fate": payload.from_fate(each.fate),
    }


def _coupon(row: Any) -> Coupon:
    fate = payload.to_fate(row.fate)
    given = row.given_at, row.given_by, row.because
    paid = row.line, row.price
    return Coupon(row.id, row.kind, row.owner, *given, *paid, fate)
