"""Whatever somebody has in hand: an id, an address, an invoice's line. What is it?

Exact first, whatever it is; what only begins so is looked for where nothing is exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import sqlalchemy as sa

from bridge.access.roles import Scope
from bridge.store.pages.begins import begins
from bridge.store.pages.scoped import owned, within
from bridge.store.tables import account, attempt, claim, coupon, operation, period
from bridge.store.tables import service as sold
from provisioning.core.credit import BACK
from provisioning.core.phones import ends

MOST = 20
"""Of each kind."""

SHORTEST = 3
"""Letters with which something may only begin."""


@dataclass(frozen=True, slots=True)
class Hit:
    kind: str
    """account, event, attempt, coupon."""

    name: str
    """By which its page is found."""

    by: str
    """What of it was looked for."""

    about: str


def found(
    tx: sa.Connection,
    scope: Scope,
    words: str,
    sources: Collection[str],
    backends: Collection[str],
) -> list[Hit]:
    """A platform's own number is also looked for as each source's, a backend's as each
    backend's."""
    spelled = [words, *(f"{source}:{words}" for source in sorted(sources))]
    hits = _once(
        chain(_exact(tx, scope, spelled), _at_a_backend(tx, scope, words, backends))
    )
    if hits or len(words) < SHORTEST:
        return hits
    return _once(_beginning(tx, scope, spelled))


def _once(hits: Iterator[Hit]) -> list[Hit]:
    """The same thing found by two of its names is one."""
    first: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        first.setdefault((hit.kind, hit.name), hit)
    return list(first.values())


def _exact(tx: sa.Connection, scope: Scope, words: list[str]) -> Iterator[Hit]:
    typed, lower = words[0], words[0].lower()
    yield from _accounts(tx, scope, "account", account.c.id == typed)
    yield from _accounts(tx, scope, "e-mail", account.c.email.in_({typed, lower}))
    if number := ends(typed):
        yield from _accounts(tx, scope, "phone", account.c.phone == number)
    yield from _accounts(tx, scope, "username", account.c.username == typed)
    yield from _accounts(tx, scope, "client", account.c.client.in_(words))
    yield from _services(tx, scope, sold.c.ref.in_(words))
    yield from _events(tx, scope, "operation", operation.c.name == typed)
    yield from _events(tx, scope, "event", operation.c.event == typed)
    yield from _lines(tx, scope, words)
    yield from _sums(tx, scope, words)
    yield from _attempts(tx, scope, typed)
    yield from _coupons(tx, scope, coupon.c.id == typed)


def _beginning(tx: sa.Connection, scope: Scope, words: list[str]) -> Iterator[Hit]:
    def any_of(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return sa.or_(*(begins(tx, column, word) for word in words))

    typed = words[0]
    for name, column in (("e-mail", account.c.email), ("username", account.c.username)):
        yield from _accounts(tx, scope, name, begins(tx, column, typed))
    yield from _accounts(tx, scope, "client", any_of(account.c.client))
    yield from _services(tx, scope, any_of(sold.c.ref))
    yield from _events(tx, scope, "event", begins(tx, operation.c.event, typed))


def _accounts(
    tx: sa.Connection, scope: Scope, by: str, which: sa.ColumnElement[bool]
) -> Iterator[Hit]:
    query = (
        sa.select(account.c.id, account.c.email, account.c.username)
        .where(which, within(scope, account.c.source))
        .limit(MOST)
    )
    for row in tx.execute(query):
        yield Hit("account", row.id, by, row.email or row.username)


def _at_a_backend(
    tx: sa.Connection, scope: Scope, number: str, backends: Collection[str]
) -> Iterator[Hit]:
    which = sa.and_(account.c.backend.in_(backends), account.c.remote == number)
    yield from _accounts(tx, scope, "number at its backend", which)


def _services(
    tx: sa.Connection, scope: Scope, which: sa.ColumnElement[bool]
) -> Iterator[Hit]:
    query = (
        sa.select(sold.c.ref, sold.c.account)
        .join(account, account.c.id == sold.c.account)
        .where(which, within(scope, account.c.source))
        .limit(MOST)
    )
    for row in tx.execute(query):
        yield Hit("account", row.account, "service", row.ref)


def _events(
    tx: sa.Connection, scope: Scope, by: str, which: sa.ColumnElement[bool]
) -> Iterator[Hit]:
    query = (
        sa.select(operation.c.name, operation.c.type, operation.c.event)
        .where(which, within(scope, operation.c.source))
        .limit(MOST)
    )
    for row in tx.execute(query):
        yield Hit("event", row.name, by, f"{row.type}, {row.event}")


def _lines(tx: sa.Connection, scope: Scope, lines: list[str]) -> Iterator[Hit]:
    """Of a renewal or an order; and of a coupon that was bought."""
    query = (
        sa.select(period.c.line, sold.c.account)
        .join(sold, sold.c.ref == period.c.service)
        .join(account, account.c.id == sold.c.account)
        .where(period.c.line.in_(lines), within(scope, account.c.source))
    )
    for row in tx.execute(query):
        yield Hit("account", row.account, "invoice line", row.line)
    yield from _coupons(tx, scope, coupon.c.line.in_(lines))


def _sums(tx: sa.Connection, scope: Scope, lines: list[str]) -> Iterator[Hit]:
    """Of a top-up, by its line or its whole key: the event that told of it."""
    keys = [*lines, *(f"{line}/{kind}" for line in lines for kind in BACK)]
    query = (
        sa.select(claim.c.key, operation.c.name, operation.c.type)
        .join(operation, operation.c.event == claim.c.event)
        .where(
            claim.c.key.in_(keys),
            owned(scope, claim.c.owner),
            within(scope, operation.c.source),
        )
        .limit(MOST)
    )
    for row in tx.execute(query):
        yield Hit("event", row.name, "invoice line", f"{row.type}, {row.key}")


def _attempts(tx: sa.Connection, scope: Scope, typed: str) -> Iterator[Hit]:
    number = typed.removeprefix("#")
    if not (number.isascii() and number.isdigit() and len(number) < LONGEST):
        return
    query = (
        sa.select(attempt.c.id, attempt.c.verb, attempt.c.account)
        .join(account, account.c.id == attempt.c.account)
        .where(attempt.c.id == int(number), within(scope, account.c.source))
    )
    for row in tx.execute(query):
        yield Hit("attempt", str(row.id), "attempt", f"{row.verb} on {row.account}")


LONGEST = 18
"""Digits of a number that a database can hold."""


def _coupons(
    tx: sa.Connection, scope: Scope, which: sa.ColumnElement[bool]
) -> Iterator[Hit]:
    query = (
        sa.select(coupon.c.id, coupon.c.kind, coupon.c.owner)
        .where(which, owned(scope, coupon.c.owner))
        .limit(MOST)
    )
    for row in tx.execute(query):
        yield Hit("account", row.owner, "coupon", f"{row.kind}, {row.id}")
