"""Messages to the outside: once by their key, leased to one sender, fenced by a token.

A lease that runs out is given to another sender, who sends again: at least once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.drafts import Rank, Writes, inserting, put, the
from bridge.store.lanes import Fenced
from bridge.store.tables import delivery
from bridge.store.types import Moment

KEY = re.compile(r"[!-~]{1,128}")
"""It is sent along, as webhook-id and in the Message-ID."""


class Needless(Exception):
    """Nobody needs it any more: it is withdrawn."""


class NotYet(Exception):
    """Nothing went wrong: what it tells of is not over; look again after a while."""

    def __init__(self, after: timedelta) -> None:
        super().__init__(after)
        self.after = after


class State(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    GIVEN_UP = "given up"
    WITHDRAWN = "withdrawn"
    """Nobody needs it any more; no fault."""


CAUSE = "arrival"
"""In what is kept of a message: the number of the event it comes of."""

FAILED = (State.REFUSED, State.GIVEN_UP)
OVER = (State.SENT.value, State.WITHDRAWN.value)


_NEW = ("key", "channel", "content", "state", "due", "token", "tries", "made_at")
ADD = inserting(
    Rank.OUT,
    delivery,
    lambda new: new.values({name: the(name) for name in _NEW}).on_conflict_do_nothing(
        index_elements=["key"]
    ),
)


@dataclass(frozen=True, slots=True)
class Delivery:
    id: int
    key: str
    channel: str
    content: Mapping[str, Any]
    state: State
    due: datetime | None
    lease_until: datetime | None
    token: int
    tries: int
    failing_since: datetime | None
    said: str | None
    made_at: datetime
    ended_at: datetime | None
    settles_at: datetime | None = None
    """Until when what was asked last may still be carried out there: nobody asks anew
    before, whoever wants it."""


def enqueue(
    tx: sa.Connection,
    key: str,
    channel: str,
    content: Mapping[str, Any],
    at: datetime,
    due: datetime | None = None,
) -> bool:
    """Whether it is new. Kept and sent only if the caller's transaction is."""
    new = insert(tx, delivery).values(_row(key, channel, content, at, due))
    kept = tx.execute(new.on_conflict_do_nothing().returning(delivery.c.id))
    return kept.scalar() is not None


def add(
    tx: Writes,
    key: str,
    channel: str,
    content: Mapping[str, Any],
    at: datetime,
    due: datetime | None = None,
) -> None:
    """The same, where nobody asks whether it is new: noted for a commit, too."""
    put(tx, ADD, **_row(key, channel, content, at, due))


def _row(
    key: str,
    channel: str,
    content: Mapping[str, Any],
    at: datetime,
    due: datetime | None,
) -> dict[str, Any]:
    if not KEY.fullmatch(key):
        raise ValueError(
            f"delivery key {key!r} is not 1 to 128 printable ASCII characters without"
            " blanks; hash what it is made of"
        )
    return {
        "key": key,
        "channel": channel,
        "content": dict(content),
        "state": State.WAITING.value,
        "due": due or at,
        "token": 0,
        "tries": 0,
        "made_at": at,
    }


def withdraw(tx: sa.Connection, keys: Collection[str], at: datetime) -> None:
    """Those not sent yet; who is sending one just now can note nothing more of it."""
    tx.execute(
        sa.update(delivery)
        .where(delivery.c.key.in_(keys), delivery.c.state != State.SENT.value)
        .values(
            state=State.WITHDRAWN.value,
            due=None,
            lease_until=None,
            token=delivery.c.token + 1,
            ended_at=at,
        )
    )


def any_due(tx: sa.Connection, at: datetime) -> bool:
    """Only a look: *claim* decides."""
    return tx.execute(_free(at).limit(1)).scalar() is not None


def claim(tx: sa.Connection, at: datetime, lease: timedelta) -> Delivery | None:
    """Lease the one that has waited longest, or whose sender's lease ran out."""
    pick = (
        _free(at)
        .order_by(delivery.c.due)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = tx.execute(
        sa.update(delivery)
        .where(delivery.c.id == pick)
        .values(lease_until=at + lease, token=delivery.c.token + 1)
        .returning(delivery)
    ).mappings()
    return next((seen(row) for row in taken), None)


def end(
    tx: sa.Connection, held: Delivery, state: State, said: str | None, at: datetime,
    settles: datetime | None = None,
) -> None:  # fmt: skip
    """Sent, refused or given up."""
    _fenced(
        tx, held, state=state.value, said=said, due=None, ended_at=at,
        settles_at=settles,
    )  # fmt: skip


def put_off(
    tx: sa.Connection, held: Delivery, due: datetime, said: str, since: datetime,
    settles: datetime | None = None,
) -> None:  # fmt: skip
    _fenced(
        tx, held, due=due, said=said, tries=held.tries + 1, failing_since=since,
        settles_at=settles,
    )  # fmt: skip


def look_again(tx: sa.Connection, held: Delivery, due: datetime) -> None:
    """Nothing was sent, and nothing failed."""
    _fenced(tx, held, due=due)


def retry(tx: sa.Connection, id_: int, at: datetime) -> Delivery:
    """Send one that failed anew, one that waits at once; but not before it is certain
    what came of the last time. LookupError says why not."""
    found, settles = numbered(tx, id_), delivery.c.settles_at
    if found is None:
        raise LookupError(f"there is no delivery {id_}; see `switchhook delivery list`")
    changed = tx.execute(
        sa.update(delivery)
        .where(delivery.c.id == id_, delivery.c.state.not_in(OVER))
        .values(
            state=State.WAITING.value,
            due=sa.case((settles > at, settles), else_=sa.literal(at, Moment)),
            tries=0,
            failing_since=None,
            ended_at=None,
        )
    )
    if changed.rowcount != 1:
        raise LookupError(
            f"delivery {id_} was {found.state}; there is nothing to retry"
        )
    return found


def numbered(tx: sa.Connection, id_: int) -> Delivery | None:
    return next(_deliveries(tx, sa.select(delivery).where(delivery.c.id == id_)), None)


def keyed(tx: sa.Connection, key: str) -> Delivery | None:
    return next(_deliveries(tx, sa.select(delivery).where(delivery.c.key == key)), None)


def read(tx: sa.Connection, query: sa.Select[Any]) -> list[Delivery]:
    """Those that a query of whole rows finds."""
    return list(_deliveries(tx, query))


def resay(tx: sa.Connection, held: Delivery, said: str) -> None:
    """Why it still is not what it was to be, unless it is under way anew."""
    mine = sa.update(delivery).where(
        delivery.c.id == held.id, delivery.c.state == held.state.value
    )
    tx.execute(mine.values(said=said))


def newest(
    tx: sa.Connection, last: int, state: State | None, before: int | None = None
) -> list[Delivery]:
    """*before*: only older ones than that."""
    query = sa.select(delivery).order_by(delivery.c.id.desc()).limit(last)
    if state is not None:
        query = query.where(delivery.c.state == state)
    if before is not None:
        query = query.where(delivery.c.id < before)
    return list(_deliveries(tx, query))


def _free(at: datetime) -> sa.Select[tuple[int]]:
    return sa.select(delivery.c.id).where(
        delivery.c.due <= at,
        sa.or_(delivery.c.lease_until.is_(None), delivery.c.lease_until <= at),
    )


def _fenced(tx: sa.Connection, held: Delivery, **values: object) -> None:
    ours = sa.update(delivery).where(
        delivery.c.id == held.id, delivery.c.token == held.token
    )
    if tx.execute(ours.values(lease_until=None, **values)).rowcount != 1:
        raise Fenced(f"delivery {held.id} went to another sender")


def _deliveries(tx: sa.Connection, query: sa.Select[Any]) -> Any:
    return (seen(row) for row in tx.execute(query).mappings())


def seen(row: sa.RowMapping) -> Delivery:
    return Delivery(**{**row, "state": State(row["state"])})
