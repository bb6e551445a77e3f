"""When a login is made known: once when the account is ready, again when staff say so.

Every issue has a number, which the account keeps: whoever counts it on and whoever
works on the account are kept apart by its revision, so a number is given once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from bridge.store import accounts, logins, outbox
from bridge.store.drafts import Draft
from provisioning.core.account import Account

OWED = 0


@dataclass(frozen=True, slots=True)
class Logins:
    """Whose login mails are ours, and by which channel they go."""

    sources: Collection[str] = ()
    channel: str = "mail"

    def of(self, source: str) -> int | None:
        """For a new account. One that was there before us is never mailed by itself."""
        return OWED if source in self.sources else None

    def first(
        self, draft: Draft, ready: Account, at: datetime, order: int | None = None
    ) -> Account:
        """The account is ready: its mail, in the very commit that says so, if owed.

        *order*: the event it comes of.
        """
        if ready.login != OWED:
            return ready
        if ready.source not in self.sources:
            # Its platform has taken the mails over meanwhile: never both.
            return accounts.save(draft, ready, replace(ready, login=None))
        told = accounts.save(draft, ready, replace(ready, login=1))
        logins.add(draft, told.id, 1, at)
        key = logins.mail(told.id, 1)
        said = content(told) | ({} if order is None else {outbox.CAUSE: order})
        outbox.add(draft, key, self.channel, said, at)
        return told


def again(
    tx: sa.Connection,
    id_: str,
    because: str,
    at: datetime,
    *,
    channel: str | None = None,
    hash_: str | None = None,
) -> Account:
    """A new issue, by mail or for the link of that hash; the older ones are void."""
    had = accounts.load(tx, id_)
    if had is None:
        raise LookupError(f"there is no account {id_}; see `switchhook event list`")
    if had.remote is None:
        raise LookupError(
            f"{id_} is not open at its backend yet: there is nothing to log in to; see"
            f" `switchhook plan {id_}`"
        )
    if had.keeps_its_password:
        raise LookupError(
            f"{id_} was adopted and keeps the password it had, which nobody here knows;"
            " set another one by credentials.changed first"
        )
    number = (had.login or 0) + 1
    told = accounts.save(tx, had, replace(had, login=number))
    link = logins.Link(hash_, at + logins.LIFE) if hash_ else None
    logins.add(tx, id_, number, at, because, link)
    older = [logins.mail(id_, no) for no in range(1, number)]
    outbox.withdraw(tx, older, at)
    if channel:
        outbox.add(tx, logins.mail(id_, number), channel, content(told), at)
    return told


def content(told: Account) -> dict[str, object]:
    """Only whose and which: the words, and what is true of the account, are looked up
    when it is sent, so that a mail that had to wait says what holds then."""
    return {
        "type": "login",
        "source": told.source,
        "account": told.id,
        "issue": told.login,
    }
