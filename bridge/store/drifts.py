"""Reconciliations and what they found: kept, so that it can be said since when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bridge.store import payload, sheet
from bridge.store.database import insert
from bridge.store.sheet import Sum
from bridge.store.tables import difference, reconciled, reconciliation
from bridge.store.types import Moment
from provisioning.core.drift import BY_WORD, COVERED, Difference, Drift, Repair

SILENT = timedelta(minutes=10)
"""After so long without a word from it, a run is over: its process is gone."""


class State(StrEnum):
    RUNNING = "running"
    ENDED = "ended"
    STOPPED = "stopped"
    """By a person, or with its process: what it had found is kept."""

    BROKEN_OFF = "broken off"
    """Its process died in it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run looks at; what is not named does not matter."""

    backend: str | None = None
    source: str | None = None

    @property
    def is_all(self) -> bool:
        return self.backend is None and self.source is None


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    began_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    state: State
    by: str
    backend: str | None
    source: str | None
    whole: bool
    applies: bool
    accounts: int
    unseen: tuple[Unseen, ...]

    @property
    def saw_all(self) -> bool:
        return self.state is State.ENDED and not self.unseen


@dataclass(frozen=True, slots=True)
class Unseen:
    """What could not be looked at: how much of it, and why the first."""

    what: str
    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """A difference, and whose it is."""

    subject: str
    """An account, a backend's user, a service or a paid line."""

    line: Difference
    backend: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of a report."""

    id: int
    found: Found
    since: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """A difference of before, and when the backend last showed it."""

    line: Difference
    seen_at: datetime


# written


def begin(
    tx: sa.Connection, by: str, scope: Scope, at: datetime, *, applies: bool
) -> int:
    """A new run's number. Those whose process is gone are over."""
    gone = sa.update(reconciliation).where(
        reconciliation.c.state == State.RUNNING.value,
        reconciliation.c.seen_at < at - SILENT,
    )
    tx.execute(gone.values(state=State.BROKEN_OFF.value, ended_at=at))
    new = sa.insert(reconciliation).values(
        began_at=at, seen_at=at, state=State.RUNNING.value, by=by,
        backend=scope.backend, source=scope.source, whole=scope.is_all,
        applies=applies, accounts=0,
    )  # fmt: skip
    id_: int = tx.execute(new.returning(reconciliation.c.id)).scalar_one()
    return id_


def note(
    tx: sa.Connection, run: int, found: Sequence[Found], accounts: int, at: datetime
) -> list[datetime]:
    """So far it has come. Since when each of these is so."""
    here = sa.update(reconciliation).where(reconciliation.c.id == run)
    tx.execute(here.values(seen_at=at, accounts=accounts))
    if not found:
        return []
    before = _before(tx, run, {each.subject for each in found})
    since = [before.get(_key(each), at) for each in found]
    rows = [_row(run, each, s) for each, s in zip(found, since, strict=True)]
    # Said once more after an answer that was lost, it is the same line.
    tx.execute(insert(tx, difference).on_conflict_do_nothing(), rows)
    return since


def _row(run: int, each: Found, since: datetime) -> dict[str, Any]:
    line = each.line
    return {
        "run": run, "subject": each.subject, "kind": line.kind.value,
        "what": line.what, "backend": each.backend, "source": each.source,
        "wants": line.wants, "has": line.has, "repair": line.repair.value,
        "why": payload.from_sentence(line.why), "in_flight": line.in_flight,
        "since": since,
    }  # fmt: skip


Key = tuple[str, str, str]


def _key(each: Found) -> Key:
    return each.subject, each.line.kind.value, each.line.what


def _before(
    tx: sa.Connection, run: int, subjects: Collection[str]
) -> dict[Key, datetime]:
    """Since when, of what the last look that left nothing out saw, or one after it."""
    rows = tx.execute(
        sa.select(difference)
        .where(*_lately(tx, run), difference.c.subject.in_(subjects))
        .order_by(difference.c.run)
    )
    return {(row.subject, row.kind, row.what): row.since for row in rows}


def _lately(tx: sa.Connection, run: int) -> list[sa.ColumnElement[bool]]:
    seen_all = sa.select(sa.func.max(reconciliation.c.id)).where(
        reconciliation.c.id < run, _saw_all()
    )
    first = tx.execute(seen_all).scalar() or 0
    return [difference.c.run >= first, difference.c.run < run]


def _saw_all() -> sa.ColumnElement[bool]:
    ended = reconciliation.c.state == State.ENDED.value
    nothing = reconciliation.c.unseen.is_(None)
    return sa.and_(ended, reconciliation.c.whole, nothing)


def by_word(
    tx: sa.Connection, run: int, subjects: Collection[str]
) -> dict[str, list[Earlier]]:
    """What was found before that only a person's word ends, by subject: of what the
    last look that left nothing out saw, or one after it."""
    mine = (
        difference.c.subject.in_(subjects),
        difference.c.kind.in_([kind.value for kind in BY_WORD]),
        difference.c.in_flight.is_(sa.false()),
    )
    open_ = sa.select(difference).where(*_lately(tx, run), *mine)
    rows = tx.execute(open_.order_by(difference.c.run)).all()
    if not rows:
        return {}
    newest = {(row.subject, row.kind): row for row in rows}
    covered = difference.c.why["code"].as_string() == COVERED
    seen = tx.execute(
        sa.select(
            difference.c.subject,
            difference.c.kind,
            sa.func.max(reconciliation.c.began_at, type_=Moment).label("at"),
        )
        .join(reconciliation)
        .where(*mine, difference.c.run < run, sa.not_(covered))
        .group_by(difference.c.subject, difference.c.kind)
    )
    last = {(row.subject, row.kind): row.at for row in seen}
    found: dict[str, list[Earlier]] = {}
    for key, row in newest.items():
        one = Earlier(_kept(row).found.line, last.get(key, row.since))
        found.setdefault(row.subject, []).append(one)
    return found


def end(
    tx: sa.Connection,
    run: int,
    state: State,
    accounts: int,
    unseen: Sequence[Unseen],
    at: datetime,
) -> None:
    """With where all money stands now."""
    rows = [
        {"run": run, **{name: getattr(one, name) for name in Sum.__slots__}}
        for one in sheet.sums(tx)
    ]
    if rows:
        tx.execute(sa.insert(reconciled), rows)
    said = [[one.what, one.count, one.why] for one in unseen] or None
    over = {"state": state.value, "ended_at": at, "seen_at": at, "unseen": said,
            "accounts": accounts}  # fmt: skip
    here = sa.update(reconciliation).where(reconciliation.c.id == run)
    tx.execute(here.values(over))


def prune(tx: sa.Connection, before: datetime) -> int:
    """Runs that began before then go, but never the last that left nothing out."""
    last = last_whole(tx)
    old = sa.select(reconciliation.c.id).where(
        reconciliation.c.began_at < before,
        reconciliation.c.id != (last.id if last else 0),
    )
    for table in (difference, reconciled):
        tx.execute(sa.delete(table).where(table.c.run.in_(old)))
    gone = sa.delete(reconciliation).where(reconciliation.c.id.in_(old))
    return tx.execute(gone).rowcount


# read


def last_whole(tx: sa.Connection) -> Run | None:
    """The last one that was told to leave nothing out, and came to its end."""
    ended = reconciliation.c.state == State.ENDED.value
    query = sa.select(reconciliation).where(ended, reconciliation.c.whole)
    return _first(tx, query)


def last_seen_all(tx: sa.Connection) -> Run | None:
    """The last one that in truth left nothing out."""
    return _first(tx, sa.select(reconciliation).where(_saw_all()))


def numbered(tx: sa.Connection, run: int | None = None) -> Run | None:
    """That one, or the newest."""
    query = sa.select(reconciliation)
    if run is not None:
        query = query.where(reconciliation.c.id == run)
    return _first(tx, query)


def _first(tx: sa.Connection, query: sa.Select[Any]) -> Run | None:
    row = tx.execute(query.order_by(reconciliation.c.id.desc()).limit(1)).first()
    return _run(row) if row else None


def runs(tx: sa.Connection, most: int, before: int | None = None) -> list[Run]:
    """The newest, or the next older ones than that."""
    query = sa.select(reconciliation).order_by(reconciliation.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(reconciliation.c.id < before)
    return [_run(row) for row in tx.execute(query)]


def differences(
    tx: sa.Connection, run: int, most: int, after: int = 0, kind: str | None = None
) -> list[Kept]:
    """The next lines of its report."""
    query = sa.select(difference).where(
        difference.c.run == run, difference.c.id > after
    )
    if kind is not None:
        query = query.where(difference.c.kind == kind)
    return [_kept(r) for r in tx.execute(query.order_by(difference.c.id).limit(most))]


@dataclass(frozen=True, slots=True)
class Count:
    kind: str
    repair: str
    in_flight: bool
    count: int
    since: datetime


def counts(tx: sa.Connection, run: int) -> list[Count]:
    by = (difference.c.kind, difference.c.repair, difference.c.in_flight)
    oldest = sa.func.min(difference.c.since, type_=Moment)
    query = sa.select(*by, sa.func.count(), oldest).where(difference.c.run == run)
    return [Count(*row) for row in tx.execute(query.group_by(*by).order_by(*by))]


def sums(tx: sa.Connection, run: int) -> list[Sum]:
    """Where all money stood at its end."""
    columns = [reconciled.c[name] for name in Sum.__slots__]
    query = sa.select(*columns).where(reconciled.c.run == run)
    order = reconciled.c.source, reconciled.c.currency
    return [Sum(*row) for row in tx.execute(query.order_by(*order))]


def _run(row: Any) -> Run:
    told: Mapping[str, Any] = row._mapping  # noqa: SLF001 - its public name
    unseen = tuple(Unseen(*one) for one in told["unseen"] or ())
    return Run(**{**told, "state": State(told["state"]), "unseen": unseen})


def _kept(row: Any) -> Kept:
    why = payload.the_sentence(row.why)
    line = Difference(
        Drift(row.kind), row.what, row.wants, row.has, Repair(row.repair), why,
        row.in_flight,
    )  # fmt: skip
    return Kept(row.id, Found(row.subject, line, row.backend, row.source), row.since)
