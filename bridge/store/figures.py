"""What is counted for those who watch, by the database: right with any number of
processes, and after any restart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bridge.store import backends, drifts, facts, queues, ticks
from bridge.store.attempts import State
from bridge.store.tables import (
    account,
    alert,
    attempt,
    claim,
    delivery,
    ledger,
    operation,
)
from bridge.store.types import Amount

Point = tuple[tuple[str, ...], float]
"""The labels' values, and the figure."""

Read = Callable[[sa.Connection, datetime], Iterable[Point]]

OPEN, PAUSED, BY_HAND = 0, 1, 2
SAMPLE = 1000
"""Writes whose times are measured: the newest."""

SHARES = (50, 95)
"""Of a hundred."""


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    help: str
    labels: tuple[str, ...]
    read: Read

    @property
    def only_grows(self) -> bool:
        return self.name.endswith("_total")


def _counted(*columns: sa.Column[Any], where: Any = None) -> Read:
    def read(tx: sa.Connection, _: datetime) -> Iterable[Point]:
        query = sa.select(*columns, sa.func.count()).group_by(*columns)
        rows = tx.execute(query if where is None else query.where(where))
        return [(tuple(map(str, row[:-1])), float(row[-1])) for row in rows]

    return read


def _moved(from_book: str, to_book: str) -> Read:
    """Money is added up exactly; only what is shown is a float, as the wire has it."""
    amount = sa.type_coerce(ledger.c.amount, sa.BigInteger)
    query = (
        sa.select(ledger.c.currency, sa.type_coerce(sa.func.sum(amount), Amount))
        .where(ledger.c.from_book == from_book, ledger.c.to_book == to_book)
        .group_by(ledger.c.currency)
    )

    def read(tx: sa.Connection, _: datetime) -> Iterable[Point]:
        return [((currency,), float(total)) for currency, total in tx.execute(query)]

    return read


def _held(tx: sa.Connection, _: datetime) -> Iterable[Point]:
    """Paid, and neither applied nor paid back: what came into `held` and is there."""
    sums: dict[str, Decimal] = {}
    for book, sign in ((ledger.c.to_book, 1), (ledger.c.from_book, -1)):
        amount = sa.type_coerce(ledger.c.amount, sa.BigInteger)
        query = (
            sa.select(ledger.c.currency, sa.type_coerce(sa.func.sum(amount), Amount))
            .where(book == "held")
            .group_by(ledger.c.currency)
        )
        for currency, total in tx.execute(query):
            sums[currency] = sums.get(currency, Decimal(0)) + sign * total
    return [((currency,), float(total)) for currency, total in sums.items()]


def _unsure(tx: sa.Connection, _: datetime) -> Iterable[Point]:
    amount = sa.type_coerce(attempt.c.amount, sa.BigInteger)
    open_ = (State.UNSURE.value, State.PERSON.value)
    query = (
        sa.select(claim.c.currency, sa.type_coerce(sa.func.sum(amount), Amount))
        .join(claim, claim.c.key == attempt.c.claim)
        .where(attempt.c.state.in_(open_))
        .group_by(claim.c.currency)
    )
    return [((currency,), float(total)) for currency, total in tx.execute(query)]


def _attempts(tx: sa.Connection, _: datetime) -> Iterable[Point]:
    """Those that have ended: what an open one comes to nobody knows."""
    query = (
        sa.select(account.c.backend, attempt.c.verb, attempt.c.state, sa.func.count())
        .join(account, account.c.id == attempt.c.account)
        .where(attempt.c.ended_at.is_not(None))
        .group_by(account.c.backend, attempt.c.verb, attempt.c.state)
    )
    return [((b, verb, state), float(n)) for b, verb, state, n in tx.execute(query)]


def _took(tx: sa.Connection, _: datetime) -> Iterable[Point]:
    """Of the newest that were proven: half of them, and 95 of 100, took no longer."""
    newest = tx.execute(sa.select(sa.func.max(attempt.c.id))).scalar() or 0
    query = (
        sa.select(account.c.backend, attempt.c.seen_at, attempt.c.ended_at)
        .join(account, account.c.id == attempt.c.account)
        .where(
            attempt.c.id > newest - SAMPLE,
            attempt.c.state == State.DONE.value,
            attempt.c.ended_at.is_not(None),
        )
    )
    took: dict[str, list[float]] = {}
    for backend, began, ended in tx.execute(query):
        took.setdefault(backend, []).append((ended - began).total_seconds())
    for backend, seconds in took.items():
        seconds.sort()
        for share in SHARES:
            at = (len(seconds) - 1) * share // 100
            yield (backend, str(share / 100)), seconds[at]


def _waiting(tx: sa.Connection, at: datetime) -> Iterable[Point]:
    queued = queues.queued(tx, at)
    return [((name or "",), float(queue.count)) for name, queue in queued.items()]


def _oldest(tx: sa.Connection, at: datetime) -> Iterable[Point]:
    queued = queues.queued(tx, at).values()
    oldest = min((queue.oldest for queue in queued), default=at)
    return [((), (at - oldest).total_seconds())]


def _breakers(tx: sa.Connection, at: datetime) -> Iterable[Point]:
    for name, pause in backends.paused(tx).items():
        shut = PAUSED if not pause.by_hand else BY_HAND
        yield (name,), float(shut if pause.until > at else OPEN)


def _refused(tx: sa.Connection, _: datetime) -> Iterable[Point]:
    for source, by in facts.refused(tx).items():
        for why, count in by.items():
            yield (source, why), float(count)


def _ticks(tx: sa.Connection, at: datetime) -> Iterable[Point]:
    for each in ticks.all_kept(tx):
        yield (each.name,), (at - (each.ran_at or each.made_at)).total_seconds()


def _differences(tx: sa.Connection, _: datetime) -> Iterable[Point]:
    """Of the last reconciliation that compared all there is."""
    last = drifts.last_whole(tx)
    sums: dict[tuple[str, ...], float] = {}
    for each in drifts.counts(tx, last.id) if last else ():
        key = str(each.kind), str(each.repair)
        sums[key] = sums.get(key, 0.0) + each.count
    return sums.items()


FIGURES: tuple[Figure, ...] = (
    Figure("events_total", "Events taken in.", ("source", "type"),
           _counted(operation.c.source, operation.c.type)),
    Figure("signatures_refused_total",
           "Requests not proven to come from their source: absent, old or wrong.",
           ("source", "why"), _refused),
    Figure("ops", "Events by what became of them.", ("type", "fate"),
           _counted(operation.c.type, operation.c.fate)),
    Figure("event_age_seconds", "How long the oldest lane waits.", (), _oldest),
    Figure("lanes_waiting", "Lanes that are due, by backend.", ("backend",), _waiting),
    Figure("accounts", "Accounts, by source and backend.", ("source", "backend"),
           _counted(account.c.source, account.c.backend)),
    Figure("backend_outcome_total", "Writes that have ended, by what they came to.",
           ("backend", "verb", "outcome"), _attempts),
    Figure("backend_write_seconds",
           "From the look before a write to its proof, of the newest that are proven.",
           ("backend", "quantile"), _took),
    Figure("breaker_state", "0 open, 1 paused by itself, 2 paused by hand.",
           ("backend",), _breakers),
    Figure("money_paid_total", "Paid for credit.", ("currency",),
           _moved("paid", "held")),
    Figure("money_applied_total", "Of what was paid, credited and proven.",
           ("currency",), _moved("held", "applied")),
    Figure("money_held", "Paid, and neither credited nor paid back.", ("currency",),
           _held),
    Figure("money_unsure", "Sent, and nobody knows yet whether it arrived.",
           ("currency",), _unsure),
    Figure("alerts", "What a person should look at.", ("topic",),
           _counted(alert.c.topic, where=alert.c.ended_at.is_(None))),
    Figure("reconcile_difference", "What the last whole comparison found.",
           ("kind", "repair"), _differences),
    Figure("last_tick_seconds", "Since each tick last ended well.", ("tick",), _ticks),
    Figure("deliveries", "Mails, call-backs and webhooks, by state.",
           ("channel", "state"), _counted(delivery.c.channel, delivery.c.state)),
)  # fmt: skip


def read(
    tx: sa.Connection, at: datetime, figures: Iterable[Figure] = FIGURES
) -> Mapping[str, list[Point]]:
    return {figure.name: list(figure.read(tx, at)) for figure in figures}
