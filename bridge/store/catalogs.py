"""Every edition of the catalog that was ever current, and what was sold by each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.store import lanes, queues
from bridge.store.database import insert
from bridge.store.questions import Answer, Question, among
from bridge.store.tables import account, catalog, movement, service
from provisioning.core.account import LIFE, REVOKED

_LAST = sa.select(sa.func.max(catalog.c.no))
CURRENT = Question(
    sa.select(catalog.c.version).where(catalog.c.no == _LAST.scalar_subquery())
)
CONTENTS = Question(
    sa.select(catalog.c.version, catalog.c.content).where(
        among(catalog.c.version, "versions")
    )
)
_SINCE, _REVOKED = (service.c.marks[(word, 1)].as_string() for word in (LIFE, REVOKED))
ALIVE = sa.and_(
    service.c.marks[(LIFE, 0)].as_boolean(),
    # Moments are kept in UTC and in one way of writing: as texts they compare as such.
    sa.or_(_REVOKED.is_(None), _REVOKED <= _SINCE),
)


@dataclass(frozen=True, slots=True)
class Applied:
    """The same version may have been current more than once."""

    no: int
    version: str
    at: datetime
    by: str
    because: str | None


def current(tx: sa.Connection) -> Answer[str | None]:
    """The version that was applied last; None, where none ever was."""
    return CURRENT.ask(tx, _first)


def _first(rows: Iterable[Any]) -> str | None:
    return next((row.version for row in rows), None)


def contents(tx: sa.Connection, versions: Collection[str]) -> dict[str, str]:
    return CONTENTS.ask(tx, _by_version, versions=versions).read()


def _by_version(rows: Iterable[Any]) -> dict[str, str]:
    return {row.version: row.content for row in rows}


def history(tx: sa.Connection) -> list[Applied]:
    """The newest first."""
    c = catalog.c
    rows = tx.execute(
        sa.select(c.no, c.version, c.applied_at, c.applied_by, c.because).order_by(
            c.no.desc()
        )
    )
    return [Applied(*row) for row in rows]


def begin(tx: sa.Connection, version: str, content: str, at: datetime) -> bool:
    """Current, where nothing ever was: whether it is by this."""
    first = insert(tx, catalog).values(
        no=1, version=version, content=content, applied_at=at,
        applied_by="the first start",
    )  # fmt: skip
    made = tx.execute(first.on_conflict_do_nothing().returning(catalog.c.no)).first()
    if made:
        _pin(tx, version)
    return made is not None


def apply(
    tx: sa.Connection, version: str, content: str, by: str, because: str | None,
    at: datetime,
) -> int:  # fmt: skip
    """Current from now on. Its number; IntegrityError, where another was as quick."""
    no: int = (tx.execute(_LAST).scalar_one() or 0) + 1
    if before := current(tx).read():
        _pin(tx, before)
    tx.execute(
        sa.insert(catalog).values(
            no=no, version=version, content=content, applied_at=at, applied_by=by,
            because=because,
        )
    )  # fmt: skip
    return no


def _pin(tx: sa.Connection, version: str) -> None:
    """What was sold by a version of this program that noted none was sold by these."""
    unknown = sa.update(service).where(service.c.version.is_(None))
    tx.execute(unknown.values(version=version))


def look_again(
    tx: sa.Connection,
    sources: Collection[str],
    at: datetime,
    umbrellas: Collection[str] = (),
) -> None:
    """At all that lives of these, or under these: what is so by other terms has woken
    nobody yet."""
    living = sa.select(service.c.account).join(account).where(ALIVE)
    which: list[sa.ColumnElement[bool]] = []
    if sources:
        which.append(account.c.source.in_(sorted(sources)))
    kept = sa.cast(account.c.acting, sa.Text)
    # Their names have no sign that JSON writes otherwise.
    which += [kept.contains(f'["{name}",', autoescape=True) for name in umbrellas]
    if which:
        queues.wake_these(tx, living.where(sa.or_(*which)), at)


def running(tx: sa.Connection) -> dict[tuple[str, str | None], int]:
    """How many live, by package and the version they were sold by."""
    c = service.c
    rows = tx.execute(
        sa.select(c.package, c.version, sa.func.count().label("n"))
        .where(ALIVE)
        .group_by(c.package, c.version)
    )
    return {(row.package, row.version): row.n for row in rows}


@dataclass(frozen=True, slots=True)
class Registered:
    services: int
    seats: int
    """Accounts of the plan that were bought, in all of them."""


def registered(tx: sa.Connection, source: str | None = None) -> dict[str, Registered]:
    """What lives, by package; *source*: of its customers alone."""
    many = sa.func.coalesce(service.c.sold["quantity"].as_integer(), 1)
    n, seats = sa.func.count().label("n"), sa.func.sum(many).label("seats")
    query = sa.select(service.c.package, n, seats).where(ALIVE)
    if source is not None:
        query = query.join(account).where(account.c.source == source)
    rows = tx.execute(query.group_by(service.c.package))
    return {row.package: Registered(row.n, int(row.seats)) for row in rows}


def movable(tx: sa.Connection, package: str, to: str, *, now: bool) -> dict[str, int]:
    """How many live and could go on by that version, by the one they go by."""
    c = service.c
    rows = tx.execute(
        sa.select(c.version, sa.func.count().label("n"))
        .where(*_elsewhere(package, to, now=now))
        .group_by(c.version)
    )
    return {row.version: row.n for row in rows}


def to_move(
    tx: sa.Connection, package: str, to: str, *, now: bool, after: str, most: int
) -> Sequence[Any]:
    """The next of them."""
    c = service.c
    return tx.execute(
        sa.select(c.ref, c.account, account.c.backend)
        .join(account)
        .where(*_elsewhere(package, to, now=now), c.ref > after)
        .order_by(c.ref)
        .limit(most)
    ).all()


def _elsewhere(package: str, to: str, *, now: bool) -> list[sa.ColumnElement[bool]]:
    """One that notes no version was sold by what is current."""
    c = service.c
    other = [c.package == package, ALIVE, c.version != to]
    return other if now else [*other, c.moves_to.is_distinct_from(to)]


@dataclass(frozen=True, slots=True)
class Movement:
    """Services of a package moved to a version; *now*: else with their renewals."""

    package: str
    version: str
    now: bool
    moved: int
    at: datetime
    by: str | None
    because: str | None


def note_move(tx: sa.Connection, new: Movement, *, first: bool) -> None:
    """That they were moved, by whom and why; page after page it is one movement."""
    c = movement.c
    last = sa.select(sa.func.max(c.no)).where(c.package == new.package)
    if first and new.moved:
        no = (tx.execute(sa.select(sa.func.max(c.no))).scalar() or 0) + 1
        said = {f.name: getattr(new, f.name) for f in fields(new)}
        tx.execute(sa.insert(movement).values(no=no, **said))
    elif new.moved:
        more = sa.update(movement).where(c.no == last.scalar_subquery())
        tx.execute(more.values(moved=c.moved + new.moved))


def movements(tx: sa.Connection) -> list[Movement]:
    """The newest first."""
    c = movement.c
    columns = [c[f.name] for f in fields(Movement)]
    rows = tx.execute(sa.select(*columns).order_by(c.no.desc()))
    return [Movement(*row) for row in rows]


def move(
    tx: sa.Connection, these: Sequence[Any], to: str, at: datetime, *, now: bool
) -> None:
    """At once, or with their next renewal. Whoever has one loaded loads it anew."""
    # The lanes first, as everybody locks them.
    for id_, backend in sorted({(row.account, row.backend) for row in these}):
        if now:
            lanes.wake(tx, id_, at, backend)
        else:
            lanes.lock(tx, id_)
    owners = sorted({row.account for row in these})
    changed = sa.update(account).where(account.c.id.in_(owners))
    tx.execute(changed.values(revision=account.c.revision + 1))
    values: Mapping[str, Any] = (
        {"version": to, "moves_to": None} if now else {"moves_to": to}
    )
    moved = sa.update(service).where(service.c.ref.in_([row.ref for row in these]))
    tx.execute(moved.values(**values))
