"""Writes to a backend: on record before they go out, closed when they are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bridge.store.tables import attempt


class State(StrEnum):
    INTENT = "intent"
    """On record; whether it was sent nobody knows until it is closed."""

    UNSURE = "unsure"
    PERSON = "person"
    """Looked for, and the backend cannot tell: somebody must say."""

    OVERTAKEN = "overtaken"
    """A level write left to itself when abuse went first: looked at when it is over."""

    DONE = "done"
    ABSENT = "absent"
    LATER = "later"
    REFUSED = "refused"


OPEN = (State.INTENT, State.UNSURE)


@dataclass(frozen=True, slots=True)
class Attempt:
    account: str
    token: int
    verb: str
    step: dict[str, Any]
    """What was asked, as JSON: enough to look for it after a crash."""

    seen_at: datetime
    send_before: datetime
    settled_from: datetime
    """From then on it can no longer take effect: absent means absent."""

    claim: str | None = None
    amount: Decimal | None = None
    balance: Decimal | None = None
    """Before; None where the account did not exist yet."""

    channels: int | None = None
    said: str | None = None
    """What the backend answered, yes or no, where it answered clearly."""

    state: State = State.INTENT
    evidence: str | None = None
    after: Decimal | None = None
    """The balance when its end was noted."""

    id: int = 0


def begin(tx: sa.Connection, new: Attempt) -> int:
    """The database refuses a second one in flight on the same account."""
    values = {name: getattr(new, name) for name in Attempt.__slots__ if name != "id"}
    started: int = tx.execute(
        sa.insert(attempt).values(values).returning(attempt.c.id)
    ).scalar_one()
    return started


def end(
    tx: sa.Connection,
    id: int,  # noqa: A002 - its name
    state: State,
    evidence: str,
    at: datetime,
    **found: Any,
) -> None:
    """Only an attempt that is still open can end. *found*: said, after."""
    values: dict[str, Any] = {"state": state.value, "evidence": evidence} | found
    if state not in OPEN:
        values["ended_at"] = at
    still_open = attempt.c.state.in_([*OPEN, State.PERSON])
    ended = tx.execute(
        sa.update(attempt).where(attempt.c.id == id, still_open).values(values)
    )
    if ended.rowcount != 1:
        raise LookupError(f"attempt {id} is closed already")


def in_flight(tx: sa.Connection, account: str) -> Attempt | None:
    return _one(tx, account, *OPEN)


def with_a_person(tx: sa.Connection, account: str) -> Attempt | None:
    return _one(tx, account, State.PERSON)


def next_look(tx: sa.Connection, account: str, at: datetime) -> datetime | None:
    """When the account has to be looked at again, whatever else happens."""
    due: datetime | None = tx.execute(
        sa.select(sa.func.min(attempt.c.settled_from)).where(
            attempt.c.account == account,
            sa.or_(
                attempt.c.state.in_([state.value for state in OPEN]),
                sa.and_(
                    attempt.c.state == State.OVERTAKEN.value,
                    attempt.c.settled_from > at,
                ),
            ),
        )
    ).scalar()
    return due


def last_balance(
    tx: sa.Connection, account: str, since: datetime | None
) -> tuple[Decimal, datetime] | None:
    """The balance the last proven write left behind, and when that was seen."""
    query = (
        sa.select(attempt.c.after, attempt.c.ended_at)
        .where(attempt.c.account == account, attempt.c.after.is_not(None))
        .order_by(attempt.c.id.desc())
        .limit(1)
    )
    if since is not None:
        query = query.where(attempt.c.ended_at > since)
    row = tx.execute(query).one_or_none()
    return (row.after, row.ended_at) if row else None


def caps(tx: sa.Connection, account: str, since: datetime) -> list[int]:
    """The channel caps seen or written then: a call begun under one may still run."""
    rows = tx.execute(
        sa.select(attempt.c.channels, attempt.c.step).where(
            attempt.c.account == account, attempt.c.send_before >= since
        )
    )
    known = [
        cap
        for row in rows
        for cap in (row.channels, row.step.get("entitlements", {}).get("channels"))
    ]
    return [int(cap) for cap in known if cap is not None]


def unsure(tx: sa.Connection) -> list[Attempt]:
    """All that nobody knows the end of, the oldest first."""
    states = sa.or_(attempt.c.state.in_(OPEN), attempt.c.state == State.PERSON.value)
    return _attempts(tx, sa.select(attempt).where(states).order_by(attempt.c.id))


def numbered(tx: sa.Connection, id: int) -> Attempt | None:  # noqa: A002 - its name
    return next(iter(_attempts(tx, sa.select(attempt).where(attempt.c.id == id))), None)


def of_account(tx: sa.Connection, account: str) -> list[Attempt]:
    mine = sa.select(attempt).where(attempt.c.account == account)
    return _attempts(tx, mine.order_by(attempt.c.id))


def _one(tx: sa.Connection, account: str, *states: State) -> Attempt | None:
    query = sa.select(attempt).where(
        attempt.c.account == account, attempt.c.state.in_(states)
    )
    return next(iter(_attempts(tx, query)), None)


def _attempts(tx: sa.Connection, query: sa.Select[Any]) -> list[Attempt]:
    return [
        Attempt(
            **{name: row[name] for name in Attempt.__slots__ if name != "state"},
            state=State(row["state"]),
        )
        for row in tx.execute(query).mappings()
    ]
