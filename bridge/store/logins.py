"""Logins as they were made known: which one holds, until when, how often it was seen.

Only the newest issue of an account holds: the account's own number says which that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store import outbox
from bridge.store.drafts import Rank, Writes, put, statement, the
from bridge.store.tables import account, delivery, login

LIFE = timedelta(hours=24)
VIEWS = 3

_NEW = ("account", "issue", "made_at", "because", "hash", "until", "views")
ADD = statement(Rank.OUT, sa.insert(login).values({name: the(name) for name in _NEW}))


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is kept: nobody can follow it."""

    hash: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What an open link shows; *left*: how often it can be seen again."""

    account: str
    username: str
    sealed: bytes
    left: int


@dataclass(frozen=True, slots=True)
class Issue:
    account: str
    number: int
    made_at: datetime
    because: str | None
    until: datetime | None
    views: int
    mail: outbox.State | None
    """What became of its mail; None: it was printed."""

    holds: bool
    """Whether it is the account's newest."""

    def is_open(self, at: datetime) -> bool:
        return bool(self.holds and self.until and at < self.until) and (
            self.views < VIEWS
        )


def mail(id_: str, number: int) -> str:
    """The key of the delivery that makes it known."""
    return f"login/{id_}/{number}"


def add(
    tx: Writes,
    id_: str,
    number: int,
    at: datetime,
    because: str | None = None,
    link: Link | None = None,
) -> None:
    """Without a link yet, where a mail is to bring it."""
    put(
        tx,
        ADD,
        account=id_,
        issue=number,
        made_at=at,
        because=because,
        hash=link.hash if link else None,
        until=link.until if link else None,
        views=0,
    )


def open_link(tx: sa.Connection, id_: str, number: int, link: Link) -> bool:
    """Its link works from now on. False: there is a newer one, or no such issue."""
    opened = tx.execute(
        sa.update(login)
        .where(login.c.account == id_, login.c.issue == number, _HOLDS)
        .values(hash=link.hash, until=link.until)
    )
    return opened.rowcount == 1


def hash_of(tx: sa.Connection, id_: str, number: int) -> str | None:
    """Of the link that was sent with this issue, where one was."""
    theirs = sa.and_(login.c.account == id_, login.c.issue == number)
    return tx.execute(sa.select(login.c.hash).where(theirs)).scalar()


def is_open(tx: sa.Connection, source: str, hash_: str, at: datetime) -> bool:
    """A look that uses nothing up."""
    found = sa.select(login.c.account).where(*_open(source, hash_, at))
    return tx.execute(found).first() is not None


def see(tx: sa.Connection, source: str, hash_: str, at: datetime) -> Seen | None:
    """One view less. None: there is no such link, or not any more."""
    seen = tx.execute(
        sa.update(login)
        .where(*_open(source, hash_, at))
        .values(views=login.c.views + 1)
        .returning(login.c.account, login.c.views)
    ).first()
    if seen is None:
        return None
    owner = tx.execute(
        sa.select(account.c.username, account.c.secret).where(
            account.c.id == seen.account
        )
    ).one()
    return Seen(seen.account, owner.username, owner.secret, VIEWS - seen.views)


def newest(tx: sa.Connection, last: int, id_: str | None = None) -> list[Issue]:
    key = sa.literal("login/") + login.c.account + "/" + sa.cast(login.c.issue, sa.Text)
    query = (
        sa.select(
            login, delivery.c.state, (account.c.login == login.c.issue).label("h")
        )
        .join(account, account.c.id == login.c.account)
        .outerjoin(delivery, delivery.c.key == key)
        .order_by(login.c.made_at.desc(), login.c.issue.desc())
        .limit(last)
    )
    rows = tx.execute(query.where(login.c.account == id_) if id_ else query)
    return [
        Issue(
            account=row.account,
            number=row.issue,
            made_at=row.made_at,
            because=row.because,
            until=row.until,
            views=row.views,
            mail=outbox.State(row.state) if row.state else None,
            holds=bool(row.h),
        )
        for row in rows
    ]


_HOLDS = (
    sa.select(account.c.id)
    .where(account.c.id == login.c.account, account.c.login == login.c.issue)
    .exists()
)


def _open(source: str, hash_: str, at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    theirs = sa.select(account.c.id).where(
        account.c.id == login.c.account,
        account.c.login == login.c.issue,
        account.c.source == source,
    )
    return (
        login.c.hash == hash_,
        login.c.until > at,
        login.c.views < VIEWS,
        theirs.exists(),
    )
