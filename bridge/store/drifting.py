"""How a reconciliation is written down, so that it can be said since when.

What is noted may be said twice, after an answer that was lost: it counts once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.store import drifts, payload, sheet
from bridge.store.database import insert
from bridge.store.drifts import Found, Scope, State, Unseen
from bridge.store.sheet import Sum
from bridge.store.tables import difference, reconciled, reconciliation
from bridge.store.types import Moment
from provisioning.core.drift import BY_WORD, COVERED, Difference

SILENT = timedelta(minutes=10)
"""After so long without a word from it, a run is over: its process is gone."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A difference of before, and when the backend last showed it."""

    line: Difference
    seen_at: datetime


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
        reconciliation.c.id < run, drifts.saw_all()
    )
    first = tx.execute(seen_all).scalar() or 0
    return [difference.c.run >= first, difference.c.run < run]


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
        one = Earlier(drifts.kept(row).found.line, last.get(key, row.since))
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
        tx.execute(insert(tx, reconciled).on_conflict_do_nothing(), rows)
    said = [[one.what, one.count, one.why] for one in unseen] or None
    over = {"state": state.value, "ended_at": at, "seen_at": at, "unseen": said,
            "accounts": accounts}  # fmt: skip
    here = sa.update(reconciliation).where(reconciliation.c.id == run)
    tx.execute(here.values(over))


def prune(tx: sa.Connection, before: datetime) -> int:
    """Runs that began before then go, but never the last that left nothing out."""
    last = drifts.last_whole(tx)
    old = sa.select(reconciliation.c.id).where(
        reconciliation.c.began_at < before,
        reconciliation.c.id != (last.id if last else 0),
    )
    for table in (difference, reconciled):
        tx.execute(sa.delete(table).where(table.c.run.in_(old)))
    gone = sa.delete(reconciliation).where(reconciliation.c.id.in_(old))
    return tx.execute(gone).rowcount
