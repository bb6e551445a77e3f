"""Writes to a backend: on record before they go out, closed when they are known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bridge.store import tables
from bridge.store.drafts import Missing, Rank, Writes, put, statement, the
from bridge.store.questions import Answer, Question, among
from bridge.store.tables import attempt
from bridge.store.types import Amount


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


_NOTED = tuple(name for name in Attempt.__slots__ if name != "id")
_OPEN = sa.text("state IN ('intent', 'unsure', 'person')")
BEGIN = statement(
    Rank.BEGIN,
    sa.insert(attempt)
    .values({name: the(name) for name in _NOTED})
    .returning(attempt.c.id),
    returns=True,
)
END = statement(
    Rank.END,
    sa.update(attempt)
    .where(attempt.c.id == the("id"), _OPEN)
    .values(
        state=the("state"),
        evidence=the("evidence"),
        ended_at=the("ended_at"),
        said=sa.func.coalesce(the("said", sa.Text), attempt.c.said),
        after=sa.func.coalesce(the("after", Amount), attempt.c.after),
    ),
    missing=Missing(LookupError, "attempt {id} is closed already"),
)


def begin(tx: Writes, new: Attempt) -> int | None:
    """The database refuses a second one in flight on the same account."""
    return put(tx, BEGIN, **{name: getattr(new, name) for name in _NOTED})


def end(
    tx: Writes,
    id: int,  # noqa: A002 - its name
    state: State,
    evidence: str,
    at: datetime,
    *,
    said: str | None = None,
    after: Decimal | None = None,
) -> None:
    """Only an attempt that is still open can end."""
    put(
        tx,
        END,
        id=id,
        state=state.value,
        evidence=evidence,
        ended_at=None if state in OPEN else at,
        said=said,
        after=after,
    )


LIVE = Question(
    sa.select(attempt)
    .where(among(attempt.c.account, "ids"), sa.text(tables.LIVE))
    .order_by(attempt.c.id)
)
LAST_BALANCE = Question(
    sa.select(attempt.c.after, attempt.c.ended_at)
    .where(attempt.c.account == the("account"), sa.text("after IS NOT NULL"))
    .order_by(attempt.c.id.desc())
    .limit(1)
)
_NEWEST = (
    sa.select(sa.func.max(attempt.c.id))
    .where(among(attempt.c.account, "ids"), sa.text("after IS NOT NULL"))
    .group_by(attempt.c.account)
)
LAST_BALANCES = Question(
    sa.select(attempt.c.account, attempt.c.after, attempt.c.ended_at).where(
        attempt.c.id.in_(_NEWEST)
    )
)
LAST_SUM = Question(
    sa.select(attempt.c.claim, attempt.c.ended_at)
    .where(
        attempt.c.account == the("account"),
        sa.text("after IS NOT NULL"),
        attempt.c.claim.is_not(None),
    )
    .order_by(attempt.c.id.desc())
    .limit(1)
)
_SINCE = (attempt.c.account == the("account"), attempt.c.send_before >= the("since"))
CAPS = Question(
    sa.select(attempt.c.send_before, attempt.c.channels, attempt.c.step)
    .where(*_SINCE)
    .order_by(attempt.c.id)
)


@dataclass(frozen=True, slots=True)
class Live:
    """The attempts of an account that still matter."""

    in_flight: Attempt | None = None
    person: Attempt | None = None
    overtaken: tuple[Attempt, ...] = ()

    @property
    def claims(self) -> frozenset[str]:
        """The sums nobody knows the end of."""
        known = (each.claim for each in (self.in_flight, self.person) if each)
        return frozenset(claim for claim in known if claim)

    def next_look(self, at: datetime, *, more: bool = False) -> datetime | None:
        """When the account is taken again, whatever else happens.

        At once, where *more* events wait than were taken in.
        """
        due = [a.settled_from for a in self.overtaken if a.settled_from > at]
        if self.in_flight:
            due.append(self.in_flight.settled_from)
        if more:
            due.append(at)
        return min(due, default=None)


def live(tx: sa.Connection, accounts: Collection[str]) -> Answer[dict[str, Live]]:
    """Many at the cost of one."""
    return LIVE.ask(tx, _each_live, ids=accounts)


def live_of(tx: sa.Connection, account: str) -> Live:
    return live(tx, [account]).read().get(account, Live())


def _each_live(rows: Iterable[Any]) -> dict[str, Live]:
    found: dict[str, list[Attempt]] = {}
    for each in map(_attempt, rows):
        found.setdefault(each.account, []).append(each)
    return {id_: _live(of_one) for id_, of_one in found.items()}


def _live(known: Collection[Attempt]) -> Live:
    return Live(
        in_flight=next((a for a in known if a.state in OPEN), None),
        person=next((a for a in known if a.state is State.PERSON), None),
        overtaken=tuple(a for a in known if a.state is State.OVERTAKEN),
    )


def last_balance(tx: sa.Connection, account: str) -> tuple[Decimal, datetime] | None:
    """The balance the last proven write left behind, and when that was seen."""
    for row in LAST_BALANCE.ask(tx, list, account=account).read():
        return row.after, row.ended_at
    return None


def last_balances(
    tx: sa.Connection, accounts: Collection[str]
) -> Answer[dict[str, tuple[Decimal, datetime]]]:
    """The same of many accounts."""
    return LAST_BALANCES.ask(tx, _balances, ids=accounts)


def _balances(rows: Iterable[Any]) -> dict[str, tuple[Decimal, datetime]]:
    return {row.account: (row.after, row.ended_at) for row in rows}


def last_sum(tx: sa.Connection, account: str) -> str | None:
    """The key of the last sum that was seen to arrive."""
    last = last_arrived(tx, account)
    return last[0] if last else None


def last_arrived(tx: sa.Connection, account: str) -> tuple[str, datetime] | None:
    """The same, and when."""
    for row in LAST_SUM.ask(tx, list, account=account).read():
        return str(row.claim), row.ended_at
    return None


def caps(tx: sa.Connection, account: str, since: datetime) -> list[int]:
    """The channel caps seen or written then: a call begun under one may still run."""
    return [cap for _, cap in caps_told(tx, account, since)]


def caps_told(
    tx: sa.Connection, account: str, since: datetime
) -> list[tuple[datetime, int]]:
    """The same, each with when it was in force at the latest, in that order."""
    return [
        (row.send_before, int(cap))
        for row in CAPS.ask(tx, list, account=account, since=since).read()
        for cap in (row.channels, written_cap(row.step))
        if cap is not None
    ]


def written_cap(step: Mapping[str, Any]) -> int | None:
    """The channel cap this step writes, where it writes one."""
    cap: int | None = step.get("entitlements", {}).get("channels")
    return cap


def unsure(tx: sa.Connection) -> list[Attempt]:
    """All that nobody knows the end of, the oldest first."""
    states = sa.or_(attempt.c.state.in_(OPEN), attempt.c.state == State.PERSON.value)
    return found(tx, sa.select(attempt).where(states).order_by(attempt.c.id))


def numbered(tx: sa.Connection, id: int) -> Attempt | None:  # noqa: A002 - its name
    return next(iter(found(tx, sa.select(attempt).where(attempt.c.id == id))), None)


def of_account(tx: sa.Connection, account: str) -> list[Attempt]:
    mine = sa.select(attempt).where(attempt.c.account == account)
    return found(tx, mine.order_by(attempt.c.id))


def found(tx: sa.Connection, query: sa.Select[Any]) -> list[Attempt]:
    return [_attempt(row) for row in tx.execute(query)]


def _attempt(row: Any) -> Attempt:
    told = {name: getattr(row, name) for name in Attempt.__slots__}
    return Attempt(**told | {"state": State(row.state)})
