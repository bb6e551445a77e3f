"""The guard on switch-offs: how many accounts of a backend may go dark in 24 hours.

Accounts are counted, not times: one that is tried again, or goes off and on and off, is
one. The count is taken where it is spent, in the commit that puts the write on record,
and one row of each backend is locked for it: however many workers there are, they count
one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.store.drafts import Draft, Rank, Writes, inserting, put, statement, the
from bridge.store.questions import Answer, Question
from bridge.store.ready import Row
from bridge.store.tables import account, switch_off, switch_off_guard
from bridge.store.types import Moment
from provisioning.core.outcomes import Refused
from provisioning.core.sentences import Sentence, say

WINDOW = timedelta(hours=24)


class Stopped(Refused):
    """It would be one more than may be switched off by itself: a person must say so."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(why.code)
        self.why = why


@dataclass(frozen=True, slots=True)
class Off:
    """An account that is about to be switched off, and what its backend allows."""

    account: str
    backend: str
    at: datetime
    share: float
    least: int
    passes: bool
    """It counts, and is not held up: abuse goes off at once."""


_GUARD = switch_off_guard
TURN = inserting(
    Rank.LANE,
    _GUARD,
    lambda new: (
        new.values(backend=the("backend"), turns=1, extra=0)
        .on_conflict_do_update(
            index_elements=["backend"], set_={"turns": _GUARD.c.turns + 1}
        )
        .returning(_GUARD.c.extra, _GUARD.c.extra_until)
    ),
)
NOTE = inserting(
    Rank.LANE,
    switch_off,
    lambda new: (
        new.values({name: the(name) for name in ("account", "backend", "at")})
        .on_conflict_do_update(
            index_elements=["account"],
            set_={
                "backend": new.excluded.backend,
                "back_at": None,
                "at": sa.case(
                    (switch_off.c.at > the("since", Moment), switch_off.c.at),
                    else_=new.excluded.at,
                ),
            },
        )
        .returning(switch_off.c.account, switch_off.c.at)
    ),
)
BACK = statement(
    Rank.TURN,
    sa.update(switch_off)
    .where(switch_off.c.account == the("account"), switch_off.c.back_at.is_(None))
    .values(back_at=the("at")),
)
_OF = switch_off.c.backend == the("backend")
COUNT = Question(
    sa.select(sa.func.count().label("n"))
    .select_from(switch_off)
    .where(_OF, switch_off.c.at > the("since", Moment))
)
DARK = Question(
    sa.select(sa.func.count().label("n"))
    .select_from(switch_off)
    .where(_OF, switch_off.c.back_at.is_(None), switch_off.c.at <= the("since", Moment))
)
OPENED = Question(
    sa.select(sa.func.count().label("n"))
    .select_from(account)
    .where(account.c.backend == the("backend"), account.c.remote.is_not(None))
)


def note_back(tx: Writes, account_id: str, at: datetime) -> None:
    """It is on again: it counts among those that can go off."""
    put(tx, BACK, account=account_id, at=at)


def count(tx: sa.Connection, drafts: Sequence[Draft]) -> Answer[None]:
    """Note those that are about to go off. Stopped, when it is read, if too many are.

    The guards are locked in the order of their names, after the lanes, by everybody.
    """
    offs = [draft.off for draft in drafts if draft.off]
    by_backend = {name: [o for o in offs if o.backend == name] for name in _names(offs)}
    counted = [_Counted(tx, name, of_one) for name, of_one in by_backend.items()]

    def conclude() -> None:
        for each in counted:
            each.conclude()

    return Answer(conclude)


def _names(offs: Iterable[Off]) -> list[str]:
    return sorted({off.backend for off in offs})


class _Counted:
    """Of one backend, in one commit."""

    def __init__(self, tx: sa.Connection, backend: str, offs: Sequence[Off]) -> None:
        self._tx, self._backend, self._offs = tx, backend, offs
        self._at = max(off.at for off in offs)
        self._turn = _returned(tx, TURN, [{"backend": backend}])
        self._noted = _returned(tx, NOTE, [self._row(off) for off in offs])
        self._count = COUNT.ask(tx, _number, backend=backend, since=self._since)

    @property
    def _since(self) -> datetime:
        return self._at - WINDOW

    def _row(self, off: Off) -> Row:
        return {"account": off.account, "backend": off.backend, "at": off.at,
                "since": self._since}  # fmt: skip

    def conclude(self) -> None:
        known = {row.account: row.at for row in self._noted.read()}
        new = [o for o in self._offs if known[o.account] == o.at and not o.passes]
        count, [guard] = self._count.read(), self._turn.read()
        if not new or count <= new[0].least:
            return
        first = new[0]
        most = _most(self._tx, self._backend, self._since, first.share, first.least)
        more = min(len(new), count - most)
        if more <= 0:
            return
        if guard.extra < more or guard.extra_until <= self._at:
            raise Stopped(say("switch_off_guard", backend=self._backend, most=most))
        spent = sa.update(_GUARD).where(_GUARD.c.backend == self._backend)
        self._tx.execute(spent.values(extra=_GUARD.c.extra - more))


def _returned(tx: sa.Connection, what: Any, rows: Sequence[Row]) -> Answer[list[Any]]:
    mine = what.ready(tx.dialect)
    sent = mine.send(tx, rows, returns=True)
    return Answer(lambda: mine.rows(sent))


def _number(rows: Sequence[Any]) -> int:
    return int(rows[0].n)


def allow(
    tx: sa.Connection, backend: str, more: int, until: datetime, because: str
) -> None:
    """So many more may go off until then, whatever was counted: a person said so."""
    values = {"extra": more, "extra_until": until, "extra_because": because}
    ALLOW.ready(tx.dialect).send(tx, [values | {"backend": backend}])


ALLOW = inserting(
    Rank.LANE,
    _GUARD,
    lambda new: new.values(
        backend=the("backend"), turns=0, extra=the("extra"),
        extra_until=the("extra_until"), extra_because=the("extra_because"),
    ).on_conflict_do_update(
        index_elements=["backend"],
        set_={
            name: new.excluded[name]
            for name in ("extra", "extra_until", "extra_because")
        },
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Room:
    """How many may still go off by themselves, as far as a look can tell."""

    counted: int
    most: int
    extra: int
    """That a person allowed beyond it, and that were not used yet."""

    @property
    def left(self) -> int:
        return max(self.most - self.counted, 0) + self.extra


def room(
    tx: sa.Connection, backend: str, at: datetime, share: float, least: int
) -> Room:
    since = at - WINDOW
    guard = tx.execute(
        sa.select(_GUARD.c.extra, _GUARD.c.extra_until).where(
            _GUARD.c.backend == backend
        )
    ).first()
    lasts = guard is not None and guard.extra_until and guard.extra_until > at
    return Room(
        counted(tx, backend, at),
        _most(tx, backend, since, share, least),
        guard.extra if guard and lasts else 0,
    )


def _most(
    tx: sa.Connection, backend: str, since: datetime, share: float, least: int
) -> int:
    """Of those that could have gone off: what was dark before does not count."""
    opened = OPENED.ask(tx, _number, backend=backend).read()
    dark = DARK.ask(tx, _number, backend=backend, since=since).read()
    return max(least, int(share * (opened - dark)))


def counted(tx: sa.Connection, backend: str, at: datetime) -> int:
    """How many went off within the window."""
    return COUNT.ask(tx, _number, backend=backend, since=at - WINDOW).read()
