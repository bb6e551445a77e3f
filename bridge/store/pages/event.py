"""All that one event led to, by the keys it left: request, sums, calls, messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from bridge.store import attempts, audit, chain, outbox
from bridge.store.attempts import Attempt
from bridge.store.chain import Entry
from bridge.store.logins import mail as login_mail
from bridge.store.operations import Operation
from bridge.store.outbox import Delivery
from bridge.store.tables import attempt, claim, delivery, ledger, operation, request

CALLS = 50
"""Of its account, while the event was under way."""


@dataclass(frozen=True, slots=True)
class Came:
    """As it reached the door."""

    delivery: str
    digest: str
    body: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Sum:
    key: str
    kind: str
    amount: Decimal
    currency: str
    state: str


def came(tx: sa.Connection, id_: int) -> Came:
    query = sa.select(
        request.c.delivery, request.c.digest, request.c.body, request.c.received_at
    )
    row = tx.execute(query.join(operation).where(operation.c.id == id_)).one()
    return Came(*row)


def sums(tx: sa.Connection, told: Operation) -> list[Sum]:
    """What it brought; where its money was moved, wherever it is now."""
    query = (
        sa.select(
            claim.c.key, claim.c.kind, claim.c.amount, claim.c.currency, claim.c.state
        )
        .where(
            claim.c.event == told.event,
            claim.c.key.startswith(f"{told.source}:", autoescape=True),
        )
        .order_by(claim.c.booked_at, claim.c.key)
    )
    return [Sum(*row) for row in tx.execute(query)]


def entries(tx: sa.Connection, keys: Sequence[str]) -> list[Entry]:
    query = sa.select(ledger).where(ledger.c.key.in_(keys)).order_by(ledger.c.id)
    return [chain.entered(row) for row in tx.execute(query).mappings()]


def calls(
    tx: sa.Connection, told: Operation, keys: Sequence[str], since: datetime
) -> list[Attempt]:
    """Those that sent its sums, and what else was set meanwhile on its account."""
    meanwhile = sa.and_(
        attempt.c.claim.is_(None),
        attempt.c.seen_at >= since,
        attempt.c.seen_at <= told.changed_at,
    )
    query = (
        sa.select(attempt)
        .where(
            attempt.c.account == told.lane,
            sa.or_(attempt.c.claim.in_(keys), meanwhile),
        )
        .order_by(attempt.c.id)
        .limit(CALLS)
    )
    return attempts.found(tx, query)


def messages(tx: sa.Connection, told: Operation) -> list[Delivery]:
    """What its platform is told of it, and the mail that came of it."""
    login = login_mail(told.lane, FIRST)
    keys = [f"follow:{told.name}", f"stuck:{told.name}", login]
    query = sa.select(delivery).where(delivery.c.key.in_(keys)).order_by(delivery.c.id)
    found = [outbox.seen(row) for row in tx.execute(query).mappings()]
    return [
        one
        for one in found
        if one.key != login or one.content.get(outbox.CAUSE) == told.id
    ]


FIRST = 1
"""The issue of a login that comes of an order; staff make all others."""


def acts(tx: sa.Connection, about: Sequence[str], most: int) -> list[audit.Note]:
    """Who had something done about it."""
    return audit.notes(tx, most=most, of=about)
