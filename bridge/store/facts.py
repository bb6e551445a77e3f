"""What is true of the database as a whole: restored, and from when; a demo's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.store.database import insert
from bridge.store.drafts import the
from bridge.store.questions import Question
from bridge.store.tables import fact

PULLED, ASKED = "pulled", "asked"
_SO_FAR = ("entered", "paid", "older", "sweep", "services")
RESTORED, DEMO, AHEAD = "restored", "demo", "ahead"
REFUSED = "refused signatures"
_FACT = Question(sa.select(fact.c.content, fact.c.at).where(fact.c.name == the("name")))


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done between the two, nobody here knows."""

    backup: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Pulled:
    """From when on, and until when, a platform was asked what it never told."""

    since: datetime
    until: datetime
    entered: int = 0
    """How many events the last look found."""

    paid: int | None = None
    """How many paid invoices it counts of which none is news."""

    older: int = 0
    """From where on the older ones are gone through next."""

    sweep: int = 0
    """From where on its services are."""

    services: int = 0
    """How many of them there were."""


def restored(tx: sa.Connection) -> Restored | None:
    for row in _FACT.ask(tx, list, name=RESTORED).read():
        return Restored(datetime.fromisoformat(row.content["backup"]), row.at)
    return None


def restore(tx: sa.Connection, backup: datetime, at: datetime) -> None:
    """Say so; the last time is the one that counts."""
    said = {"backup": backup.isoformat(), "restored": at.isoformat()}
    _say(tx, RESTORED, said, at)


def demo(tx: sa.Connection) -> Mapping[str, str] | None:
    """Where the simulators of the demo answer that this is the database of."""
    for row in _FACT.ask(tx, list, name=DEMO).read():
        return dict(row.content)
    return None


def begin_demo(tx: sa.Connection, simulators: Mapping[str, str], at: datetime) -> None:
    _say(tx, DEMO, dict(simulators), at)


def ahead(tx: sa.Connection) -> timedelta:
    """How far business time is ahead of real time: only ever in a demo."""
    rows = _FACT.ask(tx, list, name=AHEAD).read()
    return timedelta(seconds=sum(row.content["seconds"] for row in rows))


def move_on(tx: sa.Connection, by: timedelta, at: datetime) -> timedelta:
    """So much further; how far it is ahead then."""
    now = ahead(tx) + by
    _say(tx, AHEAD, {"seconds": now.total_seconds()}, at)
    return now


def pulled(tx: sa.Connection, source: str) -> Pulled | None:
    """How far a platform was looked at, where it ever was."""
    for row in _FACT.ask(tx, list, name=f"{PULLED}:{source}").read():
        told = row.content
        since, until = (datetime.fromisoformat(told[n]) for n in ("since", "until"))
        return Pulled(since, until, **{name: told[name] for name in _SO_FAR})
    return None


def pull(tx: sa.Connection, source: str, now: Pulled) -> None:
    """It was looked at once more."""
    said = {
        "since": now.since.isoformat(),
        "until": now.until.isoformat(),
    } | {name: getattr(now, name) for name in _SO_FAR}
    _say(tx, f"{PULLED}:{source}", said, now.until)


def look_deeper(tx: sa.Connection, source: str, by: int) -> None:
    """So many invoices of those it counts are news again: it looks until it has all."""
    last = pulled(tx, source)
    if last and last.paid is not None:
        pull(tx, source, replace(last, paid=max(last.paid - by, 0)))


def ask(tx: sa.Connection, tick: str, at: datetime) -> None:
    """A person wants it now."""
    _say(tx, f"{ASKED}:{tick}", {}, at)


def asked(tx: sa.Connection, tick: str) -> datetime | None:
    """When a person last did."""
    rows = _FACT.ask(tx, list, name=f"{ASKED}:{tick}").read()
    return next((row.at for row in rows), None)


def refused(tx: sa.Connection) -> Mapping[str, Mapping[str, int]]:
    """By source, how many requests it was not proven for, by what was wrong."""
    for row in _FACT.ask(tx, list, name=REFUSED).read():
        return dict(row.content)
    return {}


def refuse(
    tx: sa.Connection, more: Mapping[tuple[str, str], int], at: datetime
) -> None:
    """So many more of each source, and of what was wrong."""
    tx.execute(
        insert(tx, fact)
        .values(name=REFUSED, content={}, at=at)
        .on_conflict_do_nothing()
    )
    mine = sa.select(fact.c.content).where(fact.c.name == REFUSED).with_for_update()
    known = {name: dict(by) for name, by in tx.execute(mine).scalar_one().items()}
    for (source, why), count in more.items():
        by = known.setdefault(source, {})
        by[why] = by.get(why, 0) + count
    _say(tx, REFUSED, known, at)


def _say(
    tx: sa.Connection, name: str, content: Mapping[str, Any], at: datetime
) -> None:
    """In one statement: two who say it at once are not in each other's way."""
    new = insert(tx, fact).values(name=name, content=dict(content), at=at)
    said = {"content": new.excluded.content, "at": new.excluded.at}
    tx.execute(new.on_conflict_do_update(index_elements=["name"], set_=said))
